//! The program `carina`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}
