//! What turns a host into one that can hold segments: the libvirt hook, and PID 1 of a segment.
//!
//! Two static programs with one library, so that both sides of the line between host and segment
//! are read together. The hook runs as the host's root and trusts nobody; the init runs as the
//! segment's root and is as powerful as a person with a shell there, no more.

pub mod hook;
pub mod init;
mod sys;
