//! The numbers people meet.

/// Clusters per account; the quota of the original service.
pub const MAX_CLUSTERS: u32 = 3;
/// Segments per cluster; the quota of the original service.
pub const MAX_SEGMENTS: u32 = 3;
/// The smallest disk of a segment, in GiB: below that Docker's own things take too much of it.
pub const DISK_GIB_LEAST: u64 = 2;
/// Shortest password (OWASP ASVS 5.0, 6.2.1).
pub const PASSWORD_MIN: usize = 8;
/// Longest password, in bytes: argon2 is not fed megabytes.
pub const PASSWORD_MAX: usize = 256;
