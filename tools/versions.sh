# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034
# Every version and package name that this project depends on, in one place. Sourced by tools/get; no commands here.

# Debian packages of the machine's own suite, by what they are for.
packages_build="gcc-arm-none-eabi binutils-arm-none-eabi libnewlib-arm-none-eabi gcc-aarch64-linux-gnu binutils-aarch64-linux-gnu picolibc-aarch64-linux-gnu make"
packages_test="gcc libc6-dev libcmocka-dev libfdt-dev device-tree-compiler acpica-tools mtools sbsigntool python3 perl"
packages_inspect="gcc libc6-dev libjansson-dev graphviz"
packages_fuzz="clang libclang-rt-14-dev libfdt-dev"
packages_lint="clang clang-format cppcheck shellcheck git"
packages_coverage="gcovr"
packages_bench="valgrind gnuplot-nox python3"
packages_openocd="openocd gdb-multiarch python3"
packages_page="python3 python3-jinja2 graphviz"
packages_browser="chromium python3"
packages_fetch="apt dpkg debian-archive-keyring"

# QEMU: several SMMUv3 instances on `virt` need at least this.
qemu_minimum="10.2"
qemu_package="qemu-system-arm"
# Where a machine's own is older, this suite's is fetched; the second suite serves what it depends on.
qemu_suite="trixie-backports"
qemu_base_suite="trixie"
# The distribution's, with one SMMUv3 and no GBPA: tests run on it, too.
old_qemu_suite="bookworm"

# U-Boot for 32-bit Arm on QEMU, which starts the firmware with `go` and `bootelf`.
uboot_package="u-boot-qemu"
uboot_suite="trixie"

# Linux for arm64, which runs after the firmware, with its modules: of the oldest suite and of the newest. The program in its
# initial RAM disk is busybox, of the newest.
linux_package="linux-image-arm64"
linux_program_package="busybox-static"
linux_oldest_suite="bookworm"
linux_newest_suite="trixie-backports"
linux_newest_base_suite="trixie"

# What starts this firmware in place of a running Linux, in that RAM disk, with the libraries that it is linked with.
kexec_package="kexec-tools"
kexec_suite="bookworm"

# UEFI for QEMU's arm64 machines, in flash: it starts the firmware as an application, and gives Linux ACPI tables.
efi_package="qemu-efi-aarch64"
efi_suite="trixie"
efi_old_suite="bookworm"

# A boot loader that chain-loads the UEFI application.
grub_package="grub-efi-arm64-unsigned"
grub_suite="trixie"

# What looks for barriers on the page of a run: of the npm registry, whose file has this SHA-512.
axe_package="axe-core"
axe_version="4.10.3"
axe_sha512="5e6edba515e70d25f6604d9815f064d859c5d1ea7ab661bbc4f87c88779ef0c21cae0abbeb636471ef39e9d62d2582e4b88a1866f19f4ecfcf6d986275e4dc12"
