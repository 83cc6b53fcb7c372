//! libvirt's hook for LXC domains: `/etc/libvirt/hooks/lxc.d/carina`. See [`segment::hook`].

fn main() -> std::process::ExitCode {
    segment::hook::main()
}
