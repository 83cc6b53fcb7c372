# AppArmor profile of one segment, CARINA_PROFILE being its name.
#
# A segment is unprivileged through its user namespace; this is the second lock. It denies by
# capability and by what is not namespaced. It must not deny paths under /proc and /sys by name:
# container runtimes reach those through detached descriptors, and a denied path there stops every
# container (opencontainers/runc#4968).
abi <abi/3.0>,
include <tunables/global>

profile CARINA_PROFILE flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  network,
  mount,
  remount,
  umount,
  pivot_root,
  signal,
  ptrace peer=CARINA_PROFILE,
  ptrace peer=docker-default,
  # The host may look at what runs in a segment: libvirtd does, under a profile of its own.
  ptrace (readby, tracedby),
  unix,
  dbus,
  change_profile -> docker-default,
  change_profile -> CARINA_PROFILE,

  deny capability sys_module,
  deny capability sys_rawio,
  deny capability sys_time,
  deny capability mac_admin,
  deny capability mac_override,
  deny capability syslog,
  deny network alg,
  deny network vsock,
  deny mount fstype=debugfs,
  deny mount fstype=tracefs,
  deny mount fstype=securityfs,
  deny mount fstype=efivarfs,
}
