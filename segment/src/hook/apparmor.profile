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

  # Of new mounts, what an engine makes: file systems of the kernel's own, overlays, and what is
  # there already under another name. None that reads a disk, and none that shows the machine.
  deny mount fstype=(ext2, ext3, ext4, xfs, btrfs, f2fs, bcachefs, vfat, msdos, exfat, ntfs, ntfs3, iso9660, udf, squashfs, erofs, romfs, minix, hfs, hfsplus, jfs, reiserfs, zfs),
  deny mount fstype=(debugfs, tracefs, securityfs, efivarfs, configfs, pstore, selinuxfs, smackfs, resctrl, binfmt_misc, rpc_pipefs, nfsd, usbfs),

  # The machine's devices, whoever made their nodes.
  deny /dev/{mem,kmem,port,kmsg,kvm,vhost-net,vhost-vsock,vsock,loop-control,uinput} rwklm,
  deny /dev/{sd,hd,vd,xvd,nvme,mmcblk,md,dm-,loop,nbd,sr,sg,zd}* rwklm,
  deny /dev/{mapper,disk,block,vfio,dri,snd,input,bus,cpu,mtd}/** rwklm,
  # The host's own tree, should it ever show.
  deny /.oldroot/** rwklmx,
  deny /var/lib/carina/{pool,panel}/** rwklmx,
}
