package main

import (
	"flag"
	"fmt"
)

// help lists the flags of a command with their defaults.
func (c *console) help(set *flag.FlagSet) {
	fmt.Fprintf(c.out, "Usage: sanctum %s [flags]\n", set.Name())
	for _, command := range commands() {
		if command.name == set.Name() {
			fmt.Fprintln(c.out)
			c.say("%s.", command.about)
			c.say("For example: sanctum %s %s", command.name, command.example)
		}
	}

	fmt.Fprintln(c.out)
	set.VisitAll(func(f *flag.Flag) {
		kind, usage := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			usage += " (default " + f.DefValue + ")"
		}

		name := "-" + f.Name
		if kind != "" {
			name += " " + kind
		}

		writeField(c.out, c.width, fmt.Sprintf("%-21s", name), usage)
	})
}
