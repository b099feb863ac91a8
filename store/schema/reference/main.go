// Command reference writes docs/schema.md from the .sql files.
package main

import (
	"flag"
	"log"
	"os"

	"github.com/steptrace/steptrace/store/schema"
)

func main() {
	out := flag.String("o", "", "`file` to write")
	flag.Parse()
	migrations, err := schema.Migrations()
	if err != nil {
		log.Fatal(err)
	}
	text, err := schema.Reference(migrations)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, []byte(text), 0o644); err != nil { //nolint:gosec // documentation is for everyone
		log.Fatal(err)
	}
}
