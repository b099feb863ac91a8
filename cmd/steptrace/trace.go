package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/steptrace/steptrace/cmd/steptrace/render"
)

func newTraceCommand() *cobra.Command {
	var src source
	var output string
	cmd := &cobra.Command{
		Use:   "trace <execution ARN | trace id | latest>",
		Short: "Show one execution end to end, with the Lambda invocations and AWS calls joined to it",
		Example: `  steptrace trace latest
  steptrace trace --output json 5f2c… | jq '.spans[] | select(.status=="ERROR")'
  steptrace trace --data ./kept latest`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			db, closeDB, err := src.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closeDB()) }()
			t, err := db.Trace(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if output == "json" {
				return writeJSON(cmd.OutOrStdout(), t)
			}
			_, err = io.WriteString(terminal(cmd), render.Trace(t, width()))
			return err
		},
	}
	src.register(cmd)
	outputFlag(cmd, &output, "tree", "json")
	return cmd
}
