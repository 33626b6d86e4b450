# The commands of Vivado that our scripts use, as far as a script can be wrong about them: options that
# a command does not have, files that are not there, a part or a top of another design, an order that cannot
# work. Options as in the Tcl command reference (UG835) and, for ipx::, in what Vivado's packager records.
# Every call is written to the file named in STUB_CALLS.

set stub_calls [open $env(STUB_CALLS) w]
fconfigure $stub_calls -buffering line
set stub_state(verilog) {}
set stub_state(design) none

proc stub_refuse {message} { error "stub: $message" }

# flags: options without a value; valued: those with one; arguments: how many words are left, at least
proc stub_parse {command words flags valued {least 0} {most 1000}} {
  puts $::stub_calls "$command $words"
  set options {}
  set rest {}
  for {set i 0} {$i < [llength $words]} {incr i} {
    set word [lindex $words $i]
    if {[string match -* $word] && ![string is double $word]} {
      if {$word in $flags} {
        dict set options $word 1
      } elseif {$word in $valued} {
        incr i
        if {$i >= [llength $words]} { stub_refuse "$command: $word has no value" }
        dict set options $word [lindex $words $i]
      } else {
        stub_refuse "$command has no option $word"
      }
    } else {
      lappend rest $word
    }
  }
  if {[llength $rest] < $least || [llength $rest] > $most} {
    stub_refuse "$command: [llength $rest] arguments"
  }
  return [list $options $rest]
}

proc stub_file {command name} {
  if {![file isfile $name]} { stub_refuse "$command: there is no file $name" }
}

proc stub_needs {command state} {
  if {$::stub_state(design) ni $state} {
    stub_refuse "$command: the design is $::stub_state(design), needed is one of $state"
  }
}

proc stub_part {part} {
  if {$part ne $::env(STUB_PART)} { stub_refuse "the part is $part, not $::env(STUB_PART)" }
}

proc stub_report {command words flags valued} {
  set options [lindex [stub_parse $command $words $flags [concat -file $valued]] 0]
  stub_needs $command {synthesised routed}
  if {![dict exists $options -file]} { stub_refuse "$command: no -file" }
  set name [dict get $options -file]
  set sample [file join $::env(STUB_SAMPLES) $command.rpt]
  if {[file isfile $sample]} { file copy -force $sample $name } else { close [open $name w] }
}

proc read_verilog {args} {
  set names [lindex [stub_parse read_verilog $args {-sv -quiet -verbose} {-library} 1] 1]
  foreach name [join $names] {
    stub_file read_verilog $name
    if {[file extension $name] ne ".v"} { stub_refuse "read_verilog: $name is no Verilog" }
    lappend ::stub_state(verilog) $name
  }
}

proc read_mem {args} {
  foreach name [join [lindex [stub_parse read_mem $args {-quiet -verbose} {} 1] 1]] {
    stub_file read_mem $name
  }
}

proc read_xdc {args} {
  lassign [stub_parse read_xdc $args {-unmanaged -no_add -quiet -verbose} {-cells -ref -mode} 1 1] options names
  set name [lindex $names 0]
  stub_file read_xdc $name
  # constraints on cells need cells
  set state $::stub_state(design)
  set constraints [open $name]
  set text [read $constraints]
  close $constraints
  if {$state eq "none"} {
    if {[string match *pblock* $text]} { stub_refuse "read_xdc: $name needs a design" }
  }
  namespace eval ::stub_xdc $text
}

namespace eval ::stub_xdc {
  proc create_clock {args} { stub_parse create_clock $args {-add} {-name -period -waveform} 1 }
  proc set_false_path {args} { stub_parse set_false_path $args {-setup -hold} {-from -to -through} }
  proc get_ports {name} {
    if {$name ni {clk_i rst_ni}} { stub_refuse "get_ports: no port $name" }
    return $name
  }
  proc create_pblock {args} { stub_parse create_pblock $args {} {} 1 1 }
  proc resize_pblock {args} { stub_parse resize_pblock $args {} {-add -remove} 1 1 }
  proc add_cells_to_pblock {args} { stub_parse add_cells_to_pblock $args {-top} {} 2 2 }
  proc get_pblocks {args} { return $args }
  proc get_cells {names} {
    foreach name $names {
      if {![regexp {^gen_copy\[\d+\]\.u_copy$} $name]} { stub_refuse "get_cells: no cell $name" }
    }
    return $names
  }
}

proc synth_design {args} {
  set options [lindex [stub_parse synth_design $args {-quiet -verbose -retiming} \
    {-top -part -mode -flatten_hierarchy -include_dirs -generic -directive} 0 0] 0]
  stub_part [dict get $options -part]
  if {[dict get $options -mode] ni {default out_of_context}} { stub_refuse "synth_design: -mode" }
  if {[dict get $options -flatten_hierarchy] ni {rebuilt full none}} {
    stub_refuse "synth_design: -flatten_hierarchy"
  }
  set top [dict get $options -top]
  if {"$top.v" ni [lmap name $::stub_state(verilog) { file tail $name }]} {
    stub_refuse "synth_design: no module $top"
  }
  set ::stub_state(design) synthesised
}

proc opt_design {args} { stub_parse opt_design $args {} {-directive}; stub_needs opt_design synthesised }
proc place_design {args} {
  stub_parse place_design $args {} {-directive}
  stub_needs place_design synthesised
  set ::stub_state(design) placed
}
proc phys_opt_design {args} { stub_parse phys_opt_design $args {} {-directive}; stub_needs phys_opt_design placed }
proc route_design {args} {
  stub_parse route_design $args {} {-directive}
  stub_needs route_design placed
  set ::stub_state(design) routed
}
proc write_checkpoint {args} {
  set names [lindex [stub_parse write_checkpoint $args {-force} {} 1 1] 1]
  stub_needs write_checkpoint {synthesised routed}
  close [open [lindex $names 0] w]
}
proc report_utilization {args} {
  stub_report report_utilization $args {-hierarchical} {-hierarchical_depth}
}
proc report_timing_summary {args} { stub_report report_timing_summary $args {} {-max_paths} }
proc report_power {args} { stub_report report_power $args {} {} }
proc open_checkpoint {args} {
  stub_file open_checkpoint [lindex [stub_parse open_checkpoint $args {} {-part} 1 1] 1 0]
  set ::stub_state(design) routed
}
# UG835: types, a rate of 0 to 200 %, and one that the probability allows (UG907)
proc set_switching_activity {args} {
  set options [lindex [stub_parse set_switching_activity $args {-all -hier -deassert_resets} \
    {-type -toggle_rate -static_probability -signal_rate -default_toggle_rate -default_static_probability}] 0]
  stub_needs set_switching_activity {synthesised placed routed}
  if {[dict exists $options -type]} {
    set type [dict get $options -type]
    if {$type ni {io_output io_bidir_enable register lut_ram lut dsp bram_enable bram_wr_enable gt_txdata gt_rxdata}} {
      stub_refuse "set_switching_activity: no type $type"
    }
    set rate [dict get $options -toggle_rate]
    set probability [dict get $options -static_probability]
    if {$probability < 0 || $probability > 1} { stub_refuse "set_switching_activity: probability $probability" }
    if {$rate > 200.0 * min($probability, 1 - $probability) + 0.01} {
      stub_refuse "set_switching_activity: rate $rate with probability $probability"
    }
    if {$rate == 0 && $probability ni {0 1}} {
      stub_refuse "set_switching_activity: steady with probability $probability"
    }
  }
}
proc get_timing_paths {args} {
  stub_parse get_timing_paths $args {-setup -hold} {-max_paths -from -to}
  return [list path0]
}
proc version {args} {
  stub_parse version $args {-short} {}
  return 2023.2
}

# properties that are read or set, and of what
proc get_property {args} {
  lassign [lindex [stub_parse get_property $args {} {} 2 2] 1] name of
  switch $name {
    SLACK { return $::env(STUB_SLACK) }
    LOGIC_LEVELS { return 5 }
  }
  stub_refuse "get_property: $name"
}

proc create_project {args} {
  set options [lindex [stub_parse create_project $args {-in_memory -force} {-part}] 0]
  stub_part [dict get $options -part]
  set ::stub_state(design) project
}
proc add_files {args} {
  foreach name [lindex [stub_parse add_files $args {-norecurse} {-fileset} 1] 1] {
    stub_file add_files $name
    lappend ::stub_state(verilog) $name
  }
}
# the core, its description and what it is called have to fit
proc package_xo {args} {
  set options [lindex [stub_parse package_xo $args {-force} {-xo_path -kernel_name -ip_directory -kernel_xml} 0 0] 0]
  stub_file package_xo [dict get $options -kernel_xml]
  set xml [open [dict get $options -kernel_xml]]
  set text [read $xml]
  close $xml
  set name [dict get $options -kernel_name]
  if {$name ne $::stub_core(name) || ![regexp "<kernel name=\"$name\"" $text]} { stub_refuse "package_xo: no kernel $name" }
  foreach {- port} [regexp -all -inline {<port name="(\w+)"} $text] {
    if {$port ni $::ipx::buses} { stub_refuse "package_xo: no port $port" }
  }
  foreach {- port bits} [regexp -all -inline {<port name="(m_\w+)"[^>]*dataWidth="(\d+)"} $text] {
    if {![regexp "\\\[[expr {$bits - 1}]:0\\\] ${port}_rdata" [stub_top_text]]} { stub_refuse "package_xo: $port has not $bits bits" }
  }
  close [open [dict get $options -xo_path] w]
}
proc current_fileset {} { return sources_1 }
proc update_compile_order {args} { stub_parse update_compile_order $args {} {-fileset} }
proc set_property {args} {
  lassign [lindex [stub_parse set_property $args {} {} 3 3] 1] name value of
  if {$name ni {top name version display_name abstraction_type_vlnv bus_type_vlnv interface_mode physical_name range sdx_kernel sdx_kernel_type}} {
    stub_refuse "set_property: $name"
  }
  if {$name eq "top" && $value ne "nzflow_wrapper"} { set ::stub_core(top) $value; stub_top_text }
  if {$name eq "name"} { set ::stub_core(name) $value }
  if {$name eq "range"} {
    regexp {\[(\d+):0\] s_axi_araddr} [stub_top_text] - high
    if {$of ne "s_axi/reg0" || $value != 1 << ($high + 1)} { stub_refuse "set_property: range $value of $of" }
  }
  if {$name eq "interface_mode" && $value ni {slave master}} { stub_refuse "interface_mode $value" }
  if {$name eq "physical_name" && ![stub_has_port $value]} { stub_refuse "no port $value" }
}
# the text of the top that was chosen
set stub_core(top) nzflow_top
proc stub_top_text {} {
  foreach file $::stub_state(verilog) {
    if {[file tail $file] ne "$::stub_core(top).v"} continue
    set source [open $file]
    set text [read $source]
    close $source
    return $text
  }
  stub_refuse "no file of the top $::stub_core(top)"
}
proc stub_has_port {name} {
  return [regexp "(?:input|output) +wire (?:\\\[\[^\\n\]*\\\] )?${name}\\M" [stub_top_text]]
}

namespace eval ipx {
  variable buses {}
  proc package_project {args} {
    stub_parse ipx::package_project $args {-import_files -force} {-root_dir -vendor -library -taxonomy}
    stub_needs ipx::package_project project
    # what follows the names of AXI is recognised
    variable buses
    foreach {- name} [regexp -all -inline {(\w*axi\w*)_(?:tvalid|arvalid)\M} [stub_top_text]] {
      if {[regexp "wire ${name}_(tvalid|arvalid)," [stub_top_text]]} { lappend buses $name }
    }
    set buses [lsort -unique $buses]
  }
  proc current_core {} { return core0 }
  proc add_bus_interface {args} {
    variable buses
    lappend buses [lindex [stub_parse ipx::add_bus_interface $args {} {} 2 2] 1 0]
  }
  proc known {command name} {
    variable buses
    if {$name ni $buses} { stub_refuse "$command: no interface $name" }
    return $name
  }
  proc get_bus_interfaces {args} {
    variable buses
    set name [lindex [stub_parse ipx::get_bus_interfaces $args {} {-of_objects} 1 1] 1 0]
    return [expr {$name in $buses ? $name : ""}]
  }
  proc add_port_map {args} {
    lassign [lindex [stub_parse ipx::add_port_map $args {} {} 2 2] 1] logical bus
    if {$logical ni {TVALID TREADY TLAST TDATA}} { stub_refuse "ipx::add_port_map: $logical" }
  }
  proc get_port_maps {args} {
    lindex [stub_parse ipx::get_port_maps $args {} {-of_objects} 1 1] 1 0
  }
  proc infer_bus_interface {args} {
    lassign [lindex [stub_parse ipx::infer_bus_interface $args {} {} 3 3] 1] port vlnv core
    if {![stub_has_port $port]} { stub_refuse "no port $port" }
  }
  proc associate_bus_interfaces {args} {
    set options [lindex [stub_parse ipx::associate_bus_interfaces $args {} {-busif -clock -reset} 1 1] 0]
    if {[dict exists $options -busif]} { known ipx::associate_bus_interfaces [dict get $options -busif] }
    foreach end {-clock -reset} {
      if {[dict exists $options $end] && ![stub_has_port [dict get $options $end]]} { stub_refuse "no port [dict get $options $end]" }
    }
  }
  proc get_memory_maps {args} {
    known ipx::get_memory_maps [lindex [stub_parse ipx::get_memory_maps $args {} {-of_objects} 1 1] 1 0]
  }
  proc get_address_blocks {args} {
    lassign [stub_parse ipx::get_address_blocks $args {} {-of_objects} 1 1] options names
    return [dict get $options -of_objects]/[lindex $names 0]
  }
  proc create_xgui_files {args} { stub_parse ipx::create_xgui_files $args {} {} 1 1 }
  proc update_checksums {args} { stub_parse ipx::update_checksums $args {} {} 1 1 }
  proc check_integrity {args} { stub_parse ipx::check_integrity $args {-quiet} {} 1 1 }
  proc save_core {args} { stub_parse ipx::save_core $args {} {} 1 1 }
}
