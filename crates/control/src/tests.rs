//! Through the doors that people use, on a real database and a simulated host.

mod access;
mod accounts;
mod choices;
mod containers;
mod convergence;
mod metrics;
mod mortal;
mod people;
mod proofs;
mod quotas;
mod wishes;
mod world;
