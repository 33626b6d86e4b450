# The commands of Vivado that make a block design and a bitstream of it, beside those of vivado-stubs.tcl: cells with
# their pins and interfaces as the product guides have them (PG021 AXI DMA, PG082 and PG201 processing systems, PG247
# SmartConnect, PG164 resets), and what validate_bd_design would say: clocks, resets and interfaces without a
# partner, streams of two widths, registers without an address, addresses twice.

array set stub_bd {cells {} design none valid 0 runs {} project none wires {} nets {} places {} memory 0}

proc get_board_parts {args} {
  set pattern [lindex [stub_parse get_board_parts $args {-quiet -latest_file_version} {} 1 1] 1 0]
  set found {}
  foreach part $::env(STUB_BOARD_PARTS) { if {[string match $pattern $part]} { lappend found $part } }
  return $found
}
proc current_project {} { return project0 }
proc current_fileset {} { return sources_1 }
proc close_project {args} { stub_parse close_project $args {-delete} {} 0 0; set ::stub_state(design) none }
proc update_ip_catalog {args} { stub_parse update_ip_catalog $args {-rebuild} {} 0 0 }
proc create_project {args} {
  lassign [stub_parse create_project $args {-in_memory -force} {-part} 0 2] options names
  stub_part [dict get $options -part]
  set ::stub_state(design) project
  set ::stub_bd(project) [lindex $names 1]
  if {[llength $names] == 2} { file mkdir [lindex $names 1] }
}
proc create_bd_design {args} {
  set ::stub_bd(design) [lindex [stub_parse create_bd_design $args {} {} 1 1] 1 0]
  stub_needs create_bd_design project
}

# pins: name {direction kind}; interfaces: name {side kind}
proc stub_cell {vlnv} {
  switch -glob $vlnv {
    xilinx.com:ip:processing_system7 {
      return {pins {FCLK_CLK0 {out clock} FCLK_RESET0_N {out reset} M_AXI_GP0_ACLK {in clock} S_AXI_HP0_ACLK {in clock} IRQ_F2P {in interrupt}}
        buses {M_AXI_GP0 {master mm} S_AXI_HP0 {slave mm}}
        properties {PCW_USE_M_AXI_GP0 PCW_USE_S_AXI_HP0 PCW_S_AXI_HP0_DATA_WIDTH PCW_EN_CLK0_PORT PCW_FPGA0_PERIPHERAL_FREQMHZ PCW_USE_FABRIC_INTERRUPT PCW_IRQ_F2P_INTR}}
    }
    xilinx.com:ip:zynq_ultra_ps_e {
      return {pins {pl_clk0 {out clock} pl_resetn0 {out reset} maxihpm0_fpd_aclk {in clock} saxihp0_fpd_aclk {in clock} pl_ps_irq0 {in interrupt}}
        buses {M_AXI_HPM0_FPD {master mm} S_AXI_HP0_FPD {slave mm}}
        properties {PSU__USE__M_AXI_GP0 PSU__USE__M_AXI_GP1 PSU__USE__M_AXI_GP2 PSU__USE__S_AXI_GP2 PSU__SAXIGP2__DATA_WIDTH PSU__FPGA_PL0_ENABLE PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ PSU__USE__IRQ0}}
    }
    xilinx.com:ip:axi_dma {
      return {pins {s_axi_lite_aclk {in clock} axi_resetn {in reset}} buses {S_AXI_LITE {slave mm}}
        properties {c_include_sg c_sg_include_stscntrl_strm c_sg_length_width c_addr_width c_include_mm2s c_m_axis_mm2s_tdata_width c_m_axi_mm2s_data_width c_include_s2mm c_m_axi_s2mm_data_width c_include_mm2s_dre c_mm2s_burst_size c_s2mm_burst_size}}
    }
    xilinx.com:ip:smartconnect { return {pins {aclk {in clock} aresetn {in reset}} buses {} properties {NUM_SI NUM_MI NUM_CLKS}} }
    xilinx.com:ip:proc_sys_reset {
      return {pins {slowest_sync_clk {in clock} ext_reset_in {in reset} peripheral_aresetn {out reset} interconnect_aresetn {out reset}} buses {} properties {}}
    }
    xilinx.com:ip:xlconcat { return {pins {dout {out interrupt}} buses {} properties {NUM_PORTS}} }
    nzflow:nzflow:nzflow_* {
      if {$vlnv ne "nzflow:nzflow:$::stub_core(name)"} { stub_refuse "create_bd_cell: no core $vlnv" }
      set buses {}
      foreach name $::ipx::buses { dict set buses $name [list [expr {[string match m_* $name] ? "master" : "slave"}] [expr {$name eq "s_axi" ? "mm" : "stream"}]] }
      return [list pins {aclk {in clock} aresetn {in reset}} buses $buses properties {}]
    }
  }
  stub_refuse "create_bd_cell: no core $vlnv"
}
proc create_bd_cell {args} {
  lassign [stub_parse create_bd_cell $args {} {-type -vlnv -reference} 1 1] options names
  if {[dict get $options -type] ne "ip"} { stub_refuse "create_bd_cell: -type [dict get $options -type]" }
  if {$::stub_bd(design) eq "none"} { stub_refuse "create_bd_cell: no block design" }
  set name [lindex $names 0]
  if {[dict exists $::stub_bd(cells) $name]} { stub_refuse "create_bd_cell: $name twice" }
  dict set ::stub_bd(cells) $name [dict merge [stub_cell [dict get $options -vlnv]] [list vlnv [dict get $options -vlnv] values {}]]
  return $name
}
proc stub_known_cell {name} {
  if {![dict exists $::stub_bd(cells) $name]} { stub_refuse "no cell $name" }
  return $name
}
proc get_bd_cells {name} { stub_known_cell $name }
proc apply_bd_automation {args} {
  lassign [stub_parse apply_bd_automation $args {} {-rule -config} 1 1] options cells
  set rule [dict get $options -rule]
  set vlnv [dict get $::stub_bd(cells) [stub_known_cell [lindex $cells 0]] vlnv]
  if {[string map {:ip: :bd_rule:} $vlnv] ne $rule} { stub_refuse "apply_bd_automation: $rule" }
  if {[dict get [dict get $options -config] apply_board_preset] ne "1"} { stub_refuse "no preset of the board" }
}

rename set_property stub_set_property
proc set_property {args} {
  if {[lindex $args 0] eq "-dict"} {
    puts $::stub_calls "set_property $args"
    lassign $args - values cell
    stub_known_cell $cell
    foreach {name value} $values {
      if {![regexp {^CONFIG\.(\w+)$} $name - name] || $name ni [dict get $::stub_bd(cells) $cell properties]} {
        stub_refuse "set_property: $cell has no $name"
      }
      dict set ::stub_bd(cells) $cell values $name $value
      stub_grow $cell $name $value
    }
    return
  }
  lassign $args name value of
  switch $name {
    board_part { puts $::stub_calls "set_property $args"; if {$value ni $::env(STUB_BOARD_PARTS)} { stub_refuse "no board $value" } }
    board_connections { puts $::stub_calls "set_property $args" }
    ip_repo_paths { puts $::stub_calls "set_property $args" }
    default { stub_set_property {*}$args }
  }
}
# pins and interfaces that a property brings
proc stub_grow {cell name value} {
  set cells ::stub_bd(cells)
  switch $name {
    NUM_SI { for {set i 0} {$i < $value} {incr i} { dict set $cells $cell buses [format S%02d_AXI $i] {slave mm} } }
    NUM_MI { for {set i 0} {$i < $value} {incr i} { dict set $cells $cell buses [format M%02d_AXI $i] {master mm} } }
    NUM_PORTS { for {set i 0} {$i < $value} {incr i} { dict set $cells $cell pins In$i {in interrupt} } }
    c_include_mm2s - c_include_s2mm {
      if {!$value} return
      set way [string range $name 10 end]
      dict set $cells $cell pins m_axi_${way}_aclk {in clock}
      dict set $cells $cell pins ${way}_introut {out interrupt}
      dict set $cells $cell buses M_AXI_[string toupper $way] {master mm}
      if {$way eq "mm2s"} { dict set $cells $cell buses M_AXIS_MM2S {master stream} } else { dict set $cells $cell buses S_AXIS_S2MM {slave stream} }
    }
  }
}

proc stub_of {path what} {
  lassign [split $path /] cell name
  if {![dict exists $::stub_bd(cells) [stub_known_cell $cell] $what $name]} { stub_refuse "no $what $path" }
  return [dict get $::stub_bd(cells) $cell $what $name]
}
proc get_bd_pins {path} { stub_of $path pins; return $path }
proc get_bd_intf_pins {path} { stub_of $path buses; return $path }
proc connect_bd_net {args} {
  set pins [lindex [stub_parse connect_bd_net $args {} {-net} 2] 1]
  set kinds {}
  set drivers 0
  foreach pin $pins {
    lassign [stub_of $pin pins] direction kind
    lappend kinds $kind
    if {$direction eq "out"} { incr drivers } elseif {[dict exists $::stub_bd(nets) $pin]} { stub_refuse "$pin is connected twice" }
    dict set ::stub_bd(nets) $pin [lindex $pins 0]
  }
  if {$drivers != 1} { stub_refuse "connect_bd_net: $drivers drivers of $pins" }
  if {[llength [lsort -unique $kinds]] != 1} { stub_refuse "connect_bd_net: [lsort -unique $kinds] together" }
}
# bits of a stream; of our core as the file of its top has them
proc stub_stream_bits {path} {
  lassign [split $path /] cell name
  if {[string match axi_dma_* $cell]} {
    return [expr {$name eq "M_AXIS_MM2S" ? [dict get $::stub_bd(cells) $cell values c_m_axis_mm2s_tdata_width] : 0}]
  }
  set text [stub_top_text]
  if {![regexp "\\\[(\\d+):0\\\] ${name}_tdata" $text - high]} { stub_refuse "no width of $path" }
  return [expr {$high + 1}]
}
proc connect_bd_intf_net {args} {
  set pair [lindex [stub_parse connect_bd_intf_net $args {} {-intf_net} 2 2] 1]
  lassign $pair from to
  if {[stub_of $from buses] ne [list master [lindex [stub_of $to buses] 1]] || [lindex [stub_of $to buses] 0] ne "slave"} {
    stub_refuse "connect_bd_intf_net: $from to $to"
  }
  foreach end $pair {
    if {[dict exists $::stub_bd(wires) $end]} { stub_refuse "$end is connected twice" }
  }
  if {[lindex [stub_of $from buses] 1] eq "stream"} {
    set bits [lmap end $pair { stub_stream_bits $end }]
    # the engine takes the width of what it receives
    if {[lindex $bits 0] != [lindex $bits 1] && 0 ni $bits} { stub_refuse "$from and $to have $bits bits" }
  }
  dict set ::stub_bd(wires) $from $to
  dict set ::stub_bd(wires) $to $from
}
proc get_bd_addr_spaces {name} {
  if {$name ni {processing_system7_0/Data zynq_ultra_ps_e_0/Data}} { stub_refuse "no address space $name" }
  stub_known_cell [lindex [split $name /] 0]
  return $name
}
proc get_bd_addr_segs {name} {
  lassign [split $name /] cell bus segment
  stub_of $cell/$bus buses
  if {$segment ne [expr {[string match axi_dma_* $cell] ? "Reg" : "reg0"}]} { stub_refuse "no segment $name" }
  return $name
}
proc assign_bd_address {args} {
  lassign [stub_parse assign_bd_address $args {-force} {-offset -range -target_address_space} 0 1] options segments
  if {[llength $segments] == 0} { set ::stub_bd(memory) 1; return }
  set base [expr {[dict get $options -offset]}]
  set range [expr {[dict get $options -range]}]
  if {$base % $range != 0} { stub_refuse "assign_bd_address: $base is no multiple of $range" }
  set zynq7 [dict exists $::stub_bd(cells) processing_system7_0]
  lassign [expr {$zynq7 ? {0x40000000 0x7FFFFFFF} : {0xA0000000 0xAFFFFFFF}}] low high
  if {$base < $low || $base + $range - 1 > $high} { stub_refuse "assign_bd_address: [format 0x%X $base] is not behind the port" }
  dict for {other place} $::stub_bd(places) {
    lassign $place first last
    if {$base <= $last && $first <= $base + $range - 1} { stub_refuse "[lindex $segments 0] lies in $other" }
  }
  dict set ::stub_bd(places) [lindex $segments 0] [list $base [expr {$base + $range - 1}]]
}
proc validate_bd_design {args} {
  stub_parse validate_bd_design $args {} {} 0 0
  dict for {cell facts} $::stub_bd(cells) {
    dict for {pin what} [dict get $facts pins] {
      lassign $what direction kind
      if {$direction eq "in" && ![dict exists $::stub_bd(nets) $cell/$pin]} { stub_refuse "$cell/$pin has no $kind" }
    }
    dict for {bus what} [dict get $facts buses] {
      if {![dict exists $::stub_bd(wires) $cell/$bus]} { stub_refuse "$cell/$bus leads nowhere" }
      lassign $what side kind
      if {$kind eq "mm" && $side eq "slave" && ![string match S*_AXI $bus] && ![string match S_AXI_HP* $bus]} {
        if {[lsearch [dict keys $::stub_bd(places)] $cell/$bus/*] < 0} { stub_refuse "$cell/$bus has no address" }
      }
    }
  }
  if {!$::stub_bd(memory)} { stub_refuse "the engines have no addresses of memory" }
  set ::stub_bd(valid) 1
}
proc save_bd_design {} { if {!$::stub_bd(valid)} { stub_refuse "save_bd_design: not validated" } }
proc get_files {name} {
  if {$name ne "$::stub_bd(design).bd"} { stub_refuse "get_files: no $name" }
  return $name
}
proc generate_target {args} { stub_parse generate_target $args {-force} {} 2 2 }
proc make_wrapper {args} {
  set file [dict get [lindex [stub_parse make_wrapper $args {-top -import} {-files} 0 0] 0] -files]
  set wrapper [file join $::stub_bd(project) ${::stub_bd(design)}_wrapper.v]
  close [open $wrapper w]
  return $wrapper
}
proc launch_runs {args} {
  lassign [stub_parse launch_runs $args {} {-to_step -jobs} 1 1] options names
  set run [lindex $names 0]
  if {!$::stub_bd(valid)} { stub_refuse "launch_runs: no valid design" }
  if {$run eq "impl_1" && "synth_1" ni $::stub_bd(runs)} { stub_refuse "launch_runs: impl_1 before synth_1" }
  lappend ::stub_bd(runs) $run
  if {$run eq "impl_1" && [dict exists $options -to_step] && [dict get $options -to_step] eq "write_bitstream"} {
    foreach file [list nzflow.runs/impl_1/nzflow_wrapper.bit nzflow.gen/sources_1/bd/nzflow/hw_handoff/nzflow.hwh] {
      set path [file join $::stub_bd(project) $file]
      file mkdir [file dirname $path]
      close [open $path w]
    }
  }
}
proc wait_on_run {args} { stub_get_run [lindex [stub_parse wait_on_run $args {} {-timeout} 1 1] 1 0] }
proc stub_get_run {name} { if {$name ni $::stub_bd(runs)} { stub_refuse "no run $name" }; return $name }
proc get_runs {name} { stub_get_run $name }
proc open_run {name} { stub_get_run $name; set ::stub_state(design) routed }
rename get_property stub_get_property
proc get_property {args} {
  switch [lindex $args 0] {
    PROGRESS { return $::env(STUB_PROGRESS) }
    STATUS { return "synth_design ERROR" }
  }
  return [stub_get_property {*}$args]
}
proc write_hw_platform {args} {
  set options [lindex [stub_parse write_hw_platform $args {-fixed -include_bit -force} {-file} 0 0] 0]
  stub_needs write_hw_platform routed
  close [open [dict get $options -file] w]
}
