//! Hosts through libvirt: the only user of `virt`, and what makes a machine a host
//! ([`prepare`]), tells what it lacks ([`doctor`]) and takes everything away again ([`clean`]).

pub mod clean;
pub mod doctor;
pub mod prepare;
