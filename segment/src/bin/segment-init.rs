//! PID 1 of a segment. See [`segment::init`].

fn main() -> std::process::ExitCode {
    segment::init::main()
}
