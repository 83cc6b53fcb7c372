//! Through the doors that people use, on a real database and a simulated host.

mod access;
mod accounts;
mod choices;
mod container_metrics;
mod containers;
mod contents;
mod convergence;
mod disks;
mod inventory;
mod metrics;
mod mortal;
mod people;
mod placement;
mod proofs;
mod quotas;
mod teams;
mod wishes;
mod world;
