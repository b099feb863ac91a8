package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxDefinition bounds what is read of a table's definition, in bytes.
const maxDefinition = 1 << 20

var (
	definitionUUID      = regexp.MustCompile(`^ATTACH [A-Z ]+ _ UUID '([0-9a-f-]{36})'`)
	definitionMergeTree = regexp.MustCompile(`(?ms)\AATTACH TABLE .*^ENGINE = [A-Za-z]*MergeTree`)
)

// layout is how ClickHouse lays out a data folder: metadata/<database> is a link to the folder of the database's table
// definitions, store/<xxx>/<uuid>/<table>.sql, each of which names the folder of the table's rows, store/<xxx>/<uuid>.
type layout struct {
	path        string
	definitions []definition
	unreadable  bool // a definition is not one: the engine says which and why
}

// definition is a table's or view's.
type definition struct {
	file      string // path
	uuid      string
	mergeTree bool
}

// checkComplete looks for what is missing of a data folder. The engine would not: it makes what it does not find, and
// the tables are gone or empty without a word.
func checkComplete(path string) error {
	l := layout{path: path}
	if err := l.read(); err != nil {
		return fmt.Errorf("data folder %s: %w", path, err)
	}
	if err := l.checkDatabases(); err != nil || l.unreadable {
		return err
	}
	if err := l.checkTables(); err != nil {
		return err
	}
	return l.checkRows()
}

func (l *layout) read() error {
	files, err := filepath.Glob(filepath.Join(l.path, "store", "*", "*", "*.sql"))
	if err != nil {
		return err
	}
	for _, file := range files {
		d, err := readDefinition(file)
		if err != nil {
			return err
		}
		l.unreadable = l.unreadable || d.uuid == ""
		l.definitions = append(l.definitions, d)
	}
	return nil
}

func readDefinition(file string) (definition, error) {
	f, err := os.Open(file)
	if err != nil {
		return definition{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDefinition))
	d := definition{file: file, mergeTree: definitionMergeTree.Match(text)}
	if m := definitionUUID.FindSubmatch(text); m != nil {
		d.uuid = string(m[1])
	}
	return d, err
}

// checkDatabases wants every database's folder there, and every folder of definitions to be a database's.
func (l *layout) checkDatabases() error {
	links, err := filepath.Glob(filepath.Join(l.path, "metadata", "*"))
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil {
			continue // not a link
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(link), target)
		}
		if !exists(target) {
			return l.damaged("%s, the folder with the tables of database %s, is missing", target, filepath.Base(link))
		}
		known[filepath.Base(target)] = true
	}
	for _, d := range l.definitions {
		if folder := filepath.Dir(d.file); !known[filepath.Base(folder)] {
			return l.damaged("%s has no link to %s, which holds the tables of a database",
				filepath.Join(l.path, "metadata"), folder)
		}
	}
	return nil
}

// checkTables wants the folder of every table's rows.
func (l *layout) checkTables() error {
	for _, d := range l.definitions {
		if folder := l.folder(d.uuid); d.mergeTree && !exists(folder) {
			return l.damaged("%s, the folder with the rows of table %s, is missing", folder,
				strings.TrimSuffix(filepath.Base(d.file), ".sql"))
		}
	}
	return nil
}

// checkRows wants a definition for all rows. Those of a dropped table keep it in metadata_dropped until they go.
func (l *layout) checkRows() error {
	defined := map[string]bool{}
	for _, d := range l.definitions {
		defined[d.uuid] = true
	}
	parts, err := filepath.Glob(filepath.Join(l.path, "store", "*", "*", "*", "checksums.txt"))
	if err != nil {
		return err
	}
	for _, part := range parts {
		folder := filepath.Dir(filepath.Dir(part))
		uuid := filepath.Base(folder)
		if dropped, err := filepath.Glob(filepath.Join(l.path, "metadata_dropped", "*"+uuid+"*")); err != nil {
			return err
		} else if !defined[uuid] && len(dropped) == 0 {
			return l.damaged("the definition (.sql file) of the table with the rows in %s is missing", folder)
		}
	}
	return nil
}

func (l *layout) folder(uuid string) string { return filepath.Join(l.path, "store", uuid[:3], uuid) }

func (l *layout) damaged(format string, args ...any) error {
	return fmt.Errorf("the data folder %s is damaged: %s; restore the data folder from a copy, or move it away to "+
		"begin anew", l.path, fmt.Sprintf(format, args...))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
