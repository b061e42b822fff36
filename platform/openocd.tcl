# SPDX-License-Identifier: BSD-2-Clause
# What every board's OpenOCD does to load, start and flash this firmware. A board's openocd.cfg, which sources this, sets
# BRINGUP_CPU, the target that runs the image, and may set BRINGUP_MEMORY, a mem_ap target that reads memory while cores run,
# and BRINGUP_SECTOR, the bytes of a sector of flash bank 0. tools/load calls these procedures.

proc environment {name default} {
	return [expr {[info exists ::env($name)] ? $::env($name) : $default}]
}

# Ports are off unless asked for. With its gdb server disabled, OpenOCD 0.12 crashes when it resumes an SMP group: a pipe
# that no process writes to leaves the server without a port.
lassign [pipe] unused_read unused_write
gdb_port [environment GDB_PORT /proc/self/fd/[$unused_read getfd]]
telnet_port [environment TELNET_PORT disabled]
tcl_port [environment TCL_PORT disabled]

# A board may say how its core is reached: that of a target which is not examined at first, say.
proc bringup_attach {} {
	targets $::BRINGUP_CPU
	halt 5000
}

# And what comes before an image is loaded. Nothing is reset: the boot loader has set the memory up.
proc bringup_prepare {} {
	bringup_attach
}

# A core that halted in Thumb code keeps that state when it is resumed elsewhere (cortex_a, OpenOCD 0.12).
proc bringup_arm_state {} {
	if {[[target current] cget -type] eq "cortex_a"} {
		arm core_state arm
	}
}

# The ELF's segments into RAM.
proc bringup_load {elf} {
	bringup_prepare
	load_image $elf
}

# Bytes of a file to an address: arguments, a device tree.
proc bringup_put {file address} {
	load_image $file $address bin
}

# What is at an address, to a file: tools/load compares it, for not every kind of target can verify by itself.
proc bringup_get {file address size} {
	dump_image $file $address $size
}

# The same while the image runs, or after: by a target that sees memory meanwhile, or by the core, which is halted for it.
proc bringup_read {file address size} {
	if {[info exists ::BRINGUP_MEMORY]} {
		targets $::BRINGUP_MEMORY
	} else {
		bringup_attach
	}
	dump_image $file $address $size
}

# Where a core is from which nothing more comes. It stays halted.
proc bringup_look {} {
	bringup_attach
	echo [reg pc]
	echo [reg cpsr]
}

# Starts the image at its first byte: with a device tree, or with nothing, in the registers that tell of one.
proc bringup_start {entry tree} {
	bringup_attach
	bringup_arm_state
	if {[[target current] cget -type] eq "aarch64"} {
		foreach {name value} [list x0 $tree x1 0 x2 $tree x30 0] {
			reg $name $value
		}
	} else {
		foreach {name value} [list r0 0 r1 0 r2 $tree] {
			reg $name $value
		}
	}
	resume $entry
}

proc bringup_check_rtt {} {
	if {![info exists ::BRINGUP_MEMORY]} {
		echo "Error: this board names no target that reads memory while its cores run: CONSOLE=rtt cannot be"
		error "no BRINGUP_MEMORY"
	}
}

# The console in memory is none until the firmware has set it up again.
proc bringup_forget {address} {
	targets $::BRINGUP_MEMORY
	mww $address 0
	targets $::BRINGUP_CPU
}

# The console in memory, on a TCP port of this machine. The block is there once the firmware has said its first word:
# tools/load ends the wait.
proc bringup_rtt {address port} {
	targets $::BRINGUP_MEMORY
	rtt setup $address 64 "SEGGER RTT"
	while {1} {
		if {[string match "*Control block found*" [capture {rtt start}]]} break
		sleep 100
	}
	rtt polling_interval 20
	rtt server start $port 0
}

# The bank's first sectors are erased as far as the file goes, and no further; then it is written and read back.
proc bringup_flash {bank file} {
	bringup_prepare
	flash probe $bank
	set last [bringup_last_sector $bank [file size $file]]
	flash erase_sector $bank 0 $last
	bringup_write $bank $file
	bringup_verify $bank $file
}

# A board whose chips OpenOCD's driver does not write says how they are written.
proc bringup_write {bank file} {
	flash write_image $file [bringup_bank_base $bank] bin
}

# Targets of type aarch64 compute no checksum (OpenOCD 0.12): there the bank is read. tools/load wants to hear how many bytes were compared.
proc bringup_verify {bank file} {
	if {[[target current] cget -type] eq "aarch64"} {
		flash verify_bank $bank $file
		echo "verified [file size $file] bytes by reading them"
	} else {
		flash verify_image $file [bringup_bank_base $bank] bin
	}
}

proc bringup_bank {bank} {
	return [lindex [flash list] $bank]
}

proc bringup_bank_base {bank} {
	return [dict get [bringup_bank $bank] base]
}

proc bringup_last_sector {bank size} {
	set room [dict get [bringup_bank $bank] size]
	if {$size > $room} {
		echo "Error: the image of $size bytes is larger than the bank of $room bytes: nothing was written"
		error "too large"
	}
	return [expr {($size - 1) / $::BRINGUP_SECTOR}]
}
