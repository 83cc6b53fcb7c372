//! The server functions: a public interface each, whatever page calls it. Three lines: who asks,
//! the use-case, the error. All by POST, so that none can be set off by following a link.

mod access;
mod account;
mod audit;
mod choice;
mod cluster;
mod container;
mod event;
mod hosts;
mod inventory;
mod language;
mod metric;
mod operation;
mod passkey;
mod people;
mod proof;
mod provider;
mod quota;
mod setting;
mod sign_in;
mod stack;
mod team;

pub use access::*;
pub use account::*;
pub use audit::*;
pub use choice::*;
pub use cluster::*;
pub use container::*;
pub use event::*;
pub use hosts::*;
pub use inventory::*;
pub use language::*;
pub use metric::*;
pub use operation::*;
pub use passkey::*;
pub use people::*;
pub use proof::*;
pub use provider::*;
pub use quota::*;
pub use setting::*;
pub use sign_in::*;
pub use stack::*;
pub use team::*;
