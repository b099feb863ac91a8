// Package schema holds the store's tables, one .sql file for each with the view that feeds it, and reads of them what
// migrating, the cluster variant, retention and the reference need. The files are the migrations: applied in order of
// their number, each once, never changed after a release but for comments and white space.
package schema

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:generate go run ./reference -o ../../docs/schema.md

//go:embed *.sql
var files embed.FS

// Migration is one .sql file.
type Migration struct {
	Version    int    // the number that its name begins with
	File       string // its name
	Comment    string // what it begins with
	Statements []Statement
	// Checksum is the hash of its statements; comments and white space do not count.
	Checksum string
}

// Migrations are all of them, the oldest first.
func Migrations() ([]Migration, error) { return read(files) }

func read(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	migrations := make([]Migration, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if migrations[i], err = parseMigration(name, string(text)); err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
	}
	slices.SortFunc(migrations, func(a, b Migration) int { return a.Version - b.Version })
	for i := range len(migrations) - 1 {
		if a, b := migrations[i], migrations[i+1]; a.Version == b.Version {
			return nil, fmt.Errorf("migrations %s and %s have one number", a.File, b.File)
		}
	}
	return migrations, nil
}

func parseMigration(name, text string) (Migration, error) {
	number, _, _ := strings.Cut(name, "_")
	version, err := strconv.Atoi(number)
	if err != nil || version <= 0 {
		return Migration{}, fmt.Errorf("its name does not begin with a number such as 00001_")
	}
	m := Migration{Version: version, File: name, Comment: leadingComment(text)}
	if m.Statements, err = statements(text); err != nil {
		return Migration{}, err
	}
	sum := sha256.New()
	for _, s := range m.Statements {
		for _, t := range s.tokens {
			sum.Write([]byte(s.word(t)))
			sum.Write([]byte{0})
		}
		sum.Write([]byte(";"))
	}
	m.Checksum = hex.EncodeToString(sum.Sum(nil))
	return m, nil
}

// leadingComment joins the lines of the comment that a file begins with.
func leadingComment(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		rest, is := strings.CutPrefix(line, "--")
		if !is {
			break
		}
		words = append(words, strings.TrimSpace(rest))
	}
	return strings.Join(words, " ")
}
