# The commands of Quartus that our scripts, settings, constraints and components use, as far as one can be wrong
# about them: options and assignments that there are not, files that are not there, another device or top, ports
# that the module does not have or has otherwise, an order that cannot work. Names as in the Settings File
# Reference, the Scripting Reference and the component interface Tcl reference of Platform Designer.
# Every call is written to the file named in STUB_CALLS.

set stub_calls [open $env(STUB_CALLS) w]
fconfigure $stub_calls -buffering line
array set stub_state {project none verilog {} sdc {} flow none packages {}}
array set quartus {version "Version 18.1.0 Build 625 09/12/2018 SJ Lite Edition"}

proc stub_refuse {message} { error "stub: $message" }

# flags: options without a value; valued: those with one; then how many words are left
proc stub_parse {command words flags valued {least 0} {most 1000}} {
  puts $::stub_calls "$command $words"
  set options {}
  set rest {}
  for {set i 0} {$i < [llength $words]} {incr i} {
    set word [lindex $words $i]
    if {[string match -?* $word] && ![string is double $word]} {
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

proc stub_text {name} {
  set file [open $name]
  set text [read $file]
  close $file
  return $text
}

# ---- packages

rename package stub_package
proc package {subcommand args} {
  if {$subcommand ne "require"} { return [stub_package $subcommand {*}$args] }
  lassign [stub_parse package $args {-exact} {} 1 2] options words
  lassign $words name version
  switch $name {
    ::quartus::project { lappend ::stub_state(packages) project }
    qsys {
      if {$version ni {14.0 15.1 16.0 16.1 17.0 17.1 18.0 18.1}} { stub_refuse "package: qsys $version" }
      lappend ::stub_state(packages) qsys
    }
    default { stub_refuse "package: no package $name" }
  }
}
proc load_package {args} {
  set name [lindex [stub_parse load_package $args {} {-version} 1 1] 1 0]
  if {$name ni {flow report project sta}} { stub_refuse "load_package: no package $name" }
  lappend ::stub_state(packages) $name
}
proc stub_package_of {command name} {
  if {$name ni $::stub_state(packages)} { stub_refuse "$command needs the package $name" }
}

# ---- projects

proc project_open {args} {
  set name [lindex [stub_parse project_open $args {-force -current_revision} {-revision} 1 1] 1 0]
  stub_package_of project_open project
  stub_file project_open $name.qpf
  if {![regexp "PROJECT_REVISION = \"$name\"" [stub_text $name.qpf]]} {
    stub_refuse "project_open: $name.qpf has no revision $name"
  }
  stub_file project_open $name.qsf
  set ::stub_state(project) $name
  namespace eval ::stub_settings [stub_text $name.qsf]
  foreach {setting value} [list DEVICE $::env(STUB_PART) FAMILY $::env(STUB_FAMILY) PROJECT_OUTPUT_DIRECTORY out] {
    if {![info exists ::stub_global($setting)] || $::stub_global($setting) ne $value} {
      stub_refuse "the project has not $setting $value"
    }
  }
}
proc project_close {args} {
  stub_parse project_close $args {-dont_export_assignments} {} 0 0
  set ::stub_state(project) none
}

namespace eval ::stub_settings {
  proc set_global_assignment {args} {
    lassign [stub_parse set_global_assignment $args {-remove -disable} {-name -section_id} 1 1] options words
    set name [dict get $options -name]
    set value [lindex $words 0]
    switch $name {
      FAMILY - DEVICE - TOP_LEVEL_ENTITY - PROJECT_OUTPUT_DIRECTORY { set ::stub_global($name) $value }
      VERILOG_FILE { stub_file $name $value; lappend ::stub_state(verilog) $value }
      MISC_FILE { stub_file $name $value }
      SDC_FILE { stub_file $name $value; lappend ::stub_state(sdc) $value }
      SEARCH_PATH { if {![file isdirectory $value]} { stub_refuse "SEARCH_PATH: no folder $value" } }
      VERILOG_INPUT_VERSION {
        if {$value ni {VERILOG_1995 VERILOG_2001 SYSTEMVERILOG_2005 SYSTEMVERILOG_2009 SYSTEMVERILOG_2012}} {
          stub_refuse "$name $value"
        }
      }
      OPTIMIZATION_MODE {
        if {$value ni {BALANCED "HIGH PERFORMANCE EFFORT" "AGGRESSIVE PERFORMANCE" "AGGRESSIVE AREA"}} {
          stub_refuse "$name $value"
        }
      }
      NUM_PARALLEL_PROCESSORS { if {$value ne "ALL" && ![string is integer $value]} { stub_refuse "$name $value" } }
      default { stub_refuse "set_global_assignment: no assignment $name" }
    }
  }
  proc set_instance_assignment {args} {
    lassign [stub_parse set_instance_assignment $args {-remove} {-name -to -from -entity} 1 1] options words
    if {[dict get $options -name] ne "VIRTUAL_PIN"} { stub_refuse "set_instance_assignment: [dict get $options -name]" }
    if {[lindex $words 0] ni {ON OFF}} { stub_refuse "VIRTUAL_PIN [lindex $words 0]" }
    set to [dict get $options -to]
    if {$to ne "*" && ![dict exists [stub_ports $::stub_global(TOP_LEVEL_ENTITY)] $to]} {
      stub_refuse "VIRTUAL_PIN: no port $to"
    }
  }
}

# the ports of a module of the design: {name {direction bits}}
proc stub_ports {module} {
  set found [lsearch -inline $::stub_state(verilog) *$module.v]
  if {$found eq ""} { stub_refuse "no file of the entity $module" }
  set ports {}
  foreach {- direction - high name} [regexp -all -inline \
    {(input|output) +wire +(\[(\d+):0\] +)?(\w+)} [stub_text $found]] {
    dict set ports $name [list $direction [expr {$high eq "" ? 1 : $high + 1}]]
  }
  return $ports
}

# ---- flow

proc execute_flow {args} {
  lassign [stub_parse execute_flow $args {-compile -analysis_and_elaboration} {-implement} 0 0] options
  stub_package_of execute_flow flow
  if {$::stub_state(project) eq "none"} { stub_refuse "execute_flow: no project is open" }
  foreach name $::stub_state(sdc) { namespace eval ::stub_sdc [stub_text $name] }
  file mkdir out
  foreach report {fit.summary sta.rpt} { stub_sample $report }
  set ::stub_state(flow) compiled
}
proc execute_module {args} {
  set tool [dict get [lindex [stub_parse execute_module $args {} {-tool -args} 0 0] 0] -tool]
  stub_package_of execute_module flow
  if {$tool ni {map syn fit asm sta pow eda drc cdb ipg}} { stub_refuse "execute_module: no tool $tool" }
  if {$::stub_state(flow) ne "compiled"} { stub_refuse "execute_module: $tool before the flow" }
  if {$tool eq "pow"} { stub_sample pow.summary }
}
proc stub_sample {report} {
  file copy -force [file join $::env(STUB_SAMPLES) $report] [file join out $::stub_state(project).$report]
}

namespace eval ::stub_sdc {
  proc create_clock {args} {
    set options [lindex [stub_parse create_clock $args {-add} {-name -period -waveform} 1 1] 0]
    if {[dict get $options -name] ne "clk"} { stub_refuse "create_clock: results are read of the clock clk" }
    if {[dict get $options -period] <= 0} { stub_refuse "create_clock: -period" }
  }
  proc derive_clock_uncertainty {args} { stub_parse derive_clock_uncertainty $args {-add -overwrite} {} 0 0 }
  proc set_false_path {args} { stub_parse set_false_path $args {-setup -hold} {-from -to -through} 0 0 }
  proc get_ports {args} {
    set name [lindex [stub_parse get_ports $args {-nowarn -no_duplicates} {} 1 1] 1 0]
    if {![dict exists [stub_ports $::stub_global(TOP_LEVEL_ENTITY)] $name]} { stub_refuse "get_ports: no port $name" }
    return $name
  }
}

# ---- components of Platform Designer

array set stub_component {filesets {} interfaces {} parameters {} top {} callbacks {}}
set stub_here [pwd]

proc set_module_property {args} {
  lassign [lindex [stub_parse set_module_property $args {} {} 2 2] 1] name value
  stub_package_of set_module_property qsys
  if {$name ni {NAME VERSION DISPLAY_NAME DESCRIPTION GROUP AUTHOR EDITABLE INTERNAL VALIDATION_CALLBACK ELABORATION_CALLBACK}} {
    stub_refuse "set_module_property: $name"
  }
  if {$name eq "NAME" && ![regexp {^[A-Za-z]\w*$} $value]} { stub_refuse "set_module_property: NAME $value" }
  if {[string match *_CALLBACK $name]} { lappend ::stub_component(callbacks) $value }
}
proc add_fileset {args} {
  lassign [lindex [stub_parse add_fileset $args {} {} 2 4] 1] name kind
  if {$kind ni {QUARTUS_SYNTH SIM_VERILOG SIM_VHDL}} { stub_refuse "add_fileset: $kind" }
  lappend ::stub_component(filesets) $name
  set ::stub_state(verilog) {}
  set ::stub_fileset $name
}
proc set_fileset_property {args} {
  lassign [lindex [stub_parse set_fileset_property $args {} {} 3 3] 1] name property value
  if {$name ni $::stub_component(filesets)} { stub_refuse "set_fileset_property: no fileset $name" }
  if {$property ni {TOP_LEVEL ENABLE_RELATIVE_INCLUDE_PATHS}} { stub_refuse "set_fileset_property: $property" }
  if {$property eq "TOP_LEVEL"} { set ::stub_component(top) $value }
}
proc add_fileset_file {args} {
  lassign [lindex [stub_parse add_fileset_file $args {} {} 4 5] 1] name kind how path attribute
  if {$kind ni {VERILOG SYSTEM_VERILOG VHDL SDC HEX MIF OTHER}} { stub_refuse "add_fileset_file: $kind" }
  if {$how ne "PATH"} { stub_refuse "add_fileset_file: $how" }
  if {$attribute ni {{} TOP_LEVEL_FILE}} { stub_refuse "add_fileset_file: $attribute" }
  stub_file add_fileset_file [file join $::stub_here $path]
  if {$kind eq "VERILOG"} { lappend ::stub_state(verilog) [file join $::stub_here $path] }
  if {$attribute eq "TOP_LEVEL_FILE"} { dict set ::stub_tops $::stub_fileset $name }
}
proc add_parameter {args} {
  lassign [lindex [stub_parse add_parameter $args {} {} 2 4] 1] name kind value
  if {$kind ni {INTEGER LONG NATURAL POSITIVE BOOLEAN STRING STD_LOGIC_VECTOR}} { stub_refuse "add_parameter: $kind" }
  dict set ::stub_component(parameters) $name $value
}
proc set_parameter_property {args} {
  lassign [lindex [stub_parse set_parameter_property $args {} {} 3 3] 1] name property value
  if {![dict exists $::stub_component(parameters) $name]} { stub_refuse "no parameter $name" }
  if {$property ni {DISPLAY_NAME UNITS ENABLED VISIBLE HDL_PARAMETER SYSTEM_INFO ALLOWED_RANGES DERIVED DESCRIPTION}} {
    stub_refuse "set_parameter_property: $property"
  }
  if {$property eq "UNITS" && $value ni {None Hertz Megahertz Bits Bytes Cycles}} { stub_refuse "UNITS $value" }
  if {$property eq "SYSTEM_INFO"} {
    if {[lindex $value 0] ne "CLOCK_RATE"} { stub_refuse "SYSTEM_INFO $value" }
    lappend ::stub_component(clocks) [lindex $value 1]
  }
  # our modules take no parameters from a component
  if {$property eq "HDL_PARAMETER" && $value} { stub_refuse "HDL_PARAMETER of $name" }
}
proc get_parameter_value {name} {
  if {![dict exists $::stub_component(parameters) $name]} { stub_refuse "no parameter $name" }
  return [dict get $::stub_component(parameters) $name]
}
proc send_message {args} {
  lassign [lindex [stub_parse send_message $args {} {} 2 2] 1] level text
  if {$level ni {error warning info}} { stub_refuse "send_message: $level" }
}
proc add_interface {args} {
  lassign [lindex [stub_parse add_interface $args {} {} 3 3] 1] name kind side
  if {$kind ni {clock reset axi4lite axi4stream axi4 interrupt conduit}} { stub_refuse "add_interface: $kind" }
  if {$side ni {start end}} { stub_refuse "add_interface: $side" }
  if {[dict exists $::stub_component(interfaces) $name]} { stub_refuse "add_interface: $name twice" }
  dict set ::stub_component(interfaces) $name [dict create kind $kind side $side ports {} properties {}]
}
proc set_interface_property {args} {
  lassign [lindex [stub_parse set_interface_property $args {} {} 3 3] 1] name property value
  if {![dict exists $::stub_component(interfaces) $name]} { stub_refuse "no interface $name" }
  if {$property ni {associatedClock associatedReset clockRate synchronousEdges}} {
    stub_refuse "set_interface_property: $property"
  }
  dict set ::stub_component(interfaces) $name properties $property $value
}
proc add_interface_port {args} {
  lassign [lindex [stub_parse add_interface_port $args {} {} 5 5] 1] interface port role direction bits
  if {![dict exists $::stub_component(interfaces) $interface]} { stub_refuse "no interface $interface" }
  dict set ::stub_component(interfaces) $interface ports $role [list $port [string tolower $direction] $bits]
}

# what Platform Designer looks at when a component is whole
proc stub_check_component {} {
  set of_module [stub_ports $::stub_component(top)]
  foreach fileset {QUARTUS_SYNTH SIM_VERILOG} {
    if {![dict exists $::stub_tops $fileset]} { stub_refuse "no top level file in $fileset" }
  }
  set roles [dict create clock clk reset reset_n axi4stream {tvalid tready tdata tlast tkeep} axi4lite \
    {awvalid awready awaddr awprot wvalid wready wdata wstrb bvalid bready bresp arvalid arready araddr arprot rvalid rready rdata rresp}]
  set forth {tvalid tdata tlast tkeep awvalid awaddr awprot wvalid wdata wstrb bready arvalid araddr arprot rready clk reset_n}
  dict for {name interface} $::stub_component(interfaces) {
    dict with interface {
      if {$kind eq "axi4lite"} {
        foreach role [dict get $roles axi4lite] {
          if {![dict exists $interface ports $role]} { stub_refuse "$name: no port for $role" }
        }
      }
      dict for {role port} [dict get $interface ports] {
        lassign $port signal direction bits
        if {$kind ne "conduit" && $role ni [dict get $roles $kind]} { stub_refuse "$name: no role $role" }
        if {![dict exists $of_module $signal]} { stub_refuse "$name: no port $signal" }
        if {[dict get $of_module $signal] ne [list $direction $bits]} { stub_refuse "$name: $signal is [dict get $of_module $signal]" }
        if {$kind ne "conduit" && ($direction eq "input") != (($role in $forth) == ($side eq "end"))} { stub_refuse "$name: $signal has the wrong direction" }
        dict unset of_module $signal
      }
      if {$kind in {axi4lite axi4stream}} {
        foreach {property of} {associatedClock clock associatedReset reset} {
          set other [expr {[dict exists $properties $property] ? [dict get $properties $property] : ""}]
          if {![dict exists $::stub_component(interfaces) $other] ||
              [dict get $::stub_component(interfaces) $other kind] ne $of} { stub_refuse "$name: $property $other" }
        }
      }
    }
  }
  if {[dict size $of_module] > 0} { stub_refuse "ports in no interface: [dict keys $of_module]" }
  foreach clock $::stub_component(clocks) {
    if {![dict exists $::stub_component(interfaces) $clock]} { stub_refuse "SYSTEM_INFO: no clock $clock" }
  }
  # a clock that is too fast is told
  foreach rate {0 1 2000000000} {
    dict set ::stub_component(parameters) CLOCK_HZ $rate
    foreach callback $::stub_component(callbacks) { $callback }
  }
}
