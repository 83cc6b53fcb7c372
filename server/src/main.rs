//! The program `carina`.

use std::process::ExitCode;

fn main() -> ExitCode {
    large_pieces_are_given_back();
    server::cli::run()
}

/// Every sign-in takes 19 MiB for a moment. glibc would learn from the first one to keep such
/// pieces, one for each thread; with a fixed threshold they go back to the system, and the panel
/// stays small.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "there is no safe way to tell glibc")]
fn large_pieces_are_given_back() {
    // SAFETY: mallopt only sets numbers of the allocator, and no other thread exists yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 512 * 1024);
        libc::mallopt(libc::M_ARENA_MAX, 2);
    }
}

#[cfg(not(target_env = "gnu"))]
fn large_pieces_are_given_back() {}
