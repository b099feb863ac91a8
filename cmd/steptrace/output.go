package main

import (
	"encoding/json"
	"io"
	"os"
	"strconv"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const fallbackWidth = 120

// terminal wraps the command's standard output so that colours go only to terminals that want them (NO_COLOR, TERM).
func terminal(cmd *cobra.Command) io.Writer {
	w := colorprofile.NewWriter(cmd.OutOrStdout(), os.Environ())
	if os.Getenv("NO_COLOR") != "" {
		w.Profile = colorprofile.NoTTY // the library would keep faint text
	}
	return w
}

// width is the terminal's, or COLUMNS, or 120.
func width() int {
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
		return w
	}
	if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return fallbackWidth
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// outputFlag adds --output with the allowed formats, the first being the default.
func outputFlag(cmd *cobra.Command, target *string, formats ...string) {
	usage := "output format: " + formats[0]
	for _, f := range formats[1:] {
		usage += " or " + f
	}
	cmd.Flags().StringVarP(target, "output", "o", formats[0], usage)
	check := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, f := range formats {
			if *target == f {
				if check != nil {
					return check(cmd, args)
				}
				return nil
			}
		}
		return usagef("--output %s: not one of %v", *target, formats)
	}
}

// usageArgs makes cobra's argument check a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usagef("%w (see '%s --help')", err, cmd.CommandPath())
		}
		return nil
	}
}
