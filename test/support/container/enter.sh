#!/bin/sh
# enter.sh ROOT COMMAND…: becomes the first process of a container, inside namespaces that `unshare` has made.
# ROOT is an empty folder. Its mounts are read from the standard input, a line each: `ro|rw|tmpfs<TAB>TARGET<TAB>SOURCE`.
# What is not mounted read-write cannot be written, as with `read_only: true` in docker-compose.yml.
set -eu
root=$1
shift
tab=$(printf '\t')

mount --make-rprivate /
mount -t tmpfs -o mode=755 root "$root"
for dir in bin sbin lib lib32 lib64 libx32; do
  [ -L "/$dir" ] && cp -P "/$dir" "$root/$dir"
done
mkdir "$root/proc" "$root/dev" "$root/usr"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"

while IFS="$tab" read -r mode target source; do
  place="$root$target"
  mkdir -p "$(dirname "$place")"
  if [ "$mode" = tmpfs ]; then
    mkdir -p "$place"
    mount -t tmpfs -o mode=1777 tmpfs "$place"
    continue
  fi
  if [ -d "$source" ]; then mkdir -p "$place"; elif [ ! -e "$place" ]; then : >"$place"; fi
  mount --bind "$source" "$place"
  [ "$mode" = rw ] || mount -o remount,ro,bind "$place"
done

mount -o remount,ro "$root"
exec chroot "$root" "$@"
