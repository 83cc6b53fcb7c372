//! The bodies of `POST /containers/{name}/exec` and `POST /exec/{id}/start`.

object! {
    pub struct ExecCreate {
        "User" user: String,
        "Privileged" privileged: bool,
        "Tty" tty: bool,
        "ConsoleSize" console_size: [u32; 2],
        "AttachStdin" attach_stdin: bool,
        "AttachStderr" attach_stderr: bool,
        "AttachStdout" attach_stdout: bool,
        "Detach" detach: bool,
        "DetachKeys" detach_keys: String,
        "Env" env: Vec<String>,
        "WorkingDir" working_dir: String,
        "Cmd" cmd: Vec<String>,
        /// docker-py and old clients name the container again; the path decides.
        "Container" container: String,
    }
}

object! {
    pub struct ExecStart {
        "Detach" detach: bool,
        "Tty" tty: bool,
        "ConsoleSize" console_size: [u32; 2],
        /// bollard's word to itself, which it sends all the same: how long a line it takes.
        #[serde(skip_serializing)]
        "OutputCapacity" output_capacity: u64,
    }
}
