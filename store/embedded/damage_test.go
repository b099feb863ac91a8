package embedded_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// The engines here run in processes of their own: each start in a process leaves threads of libchdb's behind.

// folderWith makes a data folder by statements and returns its path.
func folderWith(t *testing.T, statements ...string) string {
	t.Helper()
	path := t.TempDir()
	p := startProcess(t, path)
	for _, statement := range statements {
		clientOf(t, p.url).must(statement)
	}
	p.stop(t)
	return path
}

// refusal is what a server says that does not start on the folder: all that is on its standard error.
func refusal(t *testing.T, path string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envServe+"="+path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.Error(t, cmd.Run(), "it starts")
	return stderr.String()
}

// one is the only file or folder that fits the pattern below path.
func one(t *testing.T, path, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(path, pattern))
	require.NoError(t, err)
	require.Len(t, found, 1, pattern)
	return found[0]
}

// content is the files below path that hold rows or definitions, with what is in them.
func content(t *testing.T, path string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.HasPrefix(file, filepath.Join(path, "tmp")) {
			return err
		}
		text, err := os.ReadFile(file)
		// A part that is set aside lies elsewhere, its files are the same.
		name := strings.ReplaceAll(strings.TrimPrefix(file, path), "detached/broken-on-start_", "")
		files[name] = string(text)
		return err
	}))
	delete(files, "/status")
	delete(files, "/uuid")
	return files
}

var twoTables = []string{
	"CREATE TABLE spans (a UInt64, s String) ENGINE = MergeTree ORDER BY a SETTINGS min_bytes_for_wide_part = 0",
	"CREATE TABLE logs (a UInt64) ENGINE = MergeTree ORDER BY a",
	"CREATE VIEW view AS SELECT * FROM spans",
	"INSERT INTO spans SELECT number, toString(number) FROM numbers(1000)",
	"INSERT INTO logs SELECT number FROM numbers(10)",
}

// Each damage is answered with a sentence, at every start, and nothing is deleted.
func TestDamageIsAnsweredWithASentence(t *testing.T) {
	overwrite := func(t *testing.T, file, text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	const setAside = "rows of table default.spans cannot be read and were set aside, as they are, in "
	const goOn = "restore the data folder from a copy, or, to go on without those rows, move that folder out of it"
	const anew = "restore the data folder from a copy, or move it away to begin anew"
	for name, c := range map[string]struct {
		damage func(t *testing.T, path, spans string) // spans is the folder of a part
		want   []string
	}{
		"rubbish in a column's file": {
			func(t *testing.T, _, spans string) { overwrite(t, filepath.Join(spans, "s.bin"), "rubbish") },
			[]string{setAside, "/detached/broken-on-start_all_1_1_0; ", goOn},
		},
		"empty checksums": {
			func(t *testing.T, _, spans string) { overwrite(t, filepath.Join(spans, "checksums.txt"), "") },
			[]string{setAside, "/detached/broken-on-start_all_1_1_0; ", goOn},
		},
		"empty columns": {
			func(t *testing.T, _, spans string) { overwrite(t, filepath.Join(spans, "columns.txt"), "") },
			[]string{setAside, "/detached/broken-on-start_all_1_1_0; ", goOn},
		},
		"a column's file missing": {
			func(t *testing.T, _, spans string) { require.NoError(t, os.Remove(filepath.Join(spans, "a.bin"))) },
			[]string{setAside, "/detached/broken-on-start_all_1_1_0; ", goOn},
		},
		"two broken parts": {
			func(t *testing.T, path, spans string) {
				overwrite(t, filepath.Join(spans, "checksums.txt"), "")
				logs := one(t, path, "store/*/*/all_1_1_0/data.bin")
				overwrite(t, filepath.Join(filepath.Dir(logs), "checksums.txt"), "")
			},
			[]string{"rows of table default.logs", " (and 1 more: find ", " -path '*/detached/broken*' -prune); ", goOn},
		},
		"store missing": {
			func(t *testing.T, path, _ string) { require.NoError(t, os.RemoveAll(filepath.Join(path, "store"))) },
			[]string{"the folder with the tables of database default, is missing", anew},
		},
		"metadata missing": {
			func(t *testing.T, path, _ string) { require.NoError(t, os.RemoveAll(filepath.Join(path, "metadata"))) },
			[]string{"/metadata has no link to ", "which holds the tables of a database", anew},
		},
		"a table's rows missing": {
			func(t *testing.T, _, spans string) { require.NoError(t, os.RemoveAll(filepath.Dir(spans))) },
			[]string{"the folder with the rows of table spans, is missing", anew},
		},
		"a table's definition missing": {
			func(t *testing.T, path, _ string) { require.NoError(t, os.Remove(one(t, path, "store/*/*/spans.sql"))) },
			[]string{"the definition (.sql file) of the table with the rows in ", " is missing", anew},
		},
		"rubbish in a table's definition": {
			func(t *testing.T, path, _ string) { overwrite(t, one(t, path, "store/*/*/spans.sql"), "rubbish") },
			[]string{"cannot start on ", "/spans.sql", "move it away to begin anew"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := folderWith(t, twoTables...)
			c.damage(t, path, filepath.Dir(one(t, path, "store/*/*/all_1_1_0/s.bin")))
			before := content(t, path)
			for range 2 {
				said := refusal(t, path)
				for _, want := range append(c.want, path) {
					require.Contains(t, said, want)
				}
				require.Equal(t, 1, strings.Count(said, "\n"), said)
			}
			require.Equal(t, before, content(t, path), "nothing may be changed or deleted")
		})
	}
}

// The remedy that the sentence names.
func TestGoingOnWithoutBrokenRows(t *testing.T) {
	path := folderWith(t, append(twoTables, "INSERT INTO spans VALUES (5000, 'later')")...)
	part := filepath.Dir(one(t, path, "store/*/*/all_1_1_0/s.bin"))
	require.NoError(t, os.Truncate(filepath.Join(part, "checksums.txt"), 0))
	require.Contains(t, refusal(t, path), "set aside")
	require.NoError(t, os.Rename(one(t, path, "store/*/*/detached/broken*"), filepath.Join(t.TempDir(), "aside")))
	c := clientOf(t, startProcess(t, path).url)
	require.Equal(t, "1\t5000", c.must("SELECT count(), max(a) FROM spans"))
}

// When the power fails a merge may be lost while the parts that it was made of are on disk still.
func TestABrokenMergeIsReplacedByItsSources(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	path := t.TempDir()
	p := startProcess(t, path)
	c := clientOf(t, p.url)
	for _, statement := range append(twoTables, "INSERT INTO spans VALUES (5000, 'later')", "OPTIMIZE TABLE spans FINAL") {
		c.must(statement)
	}
	require.NoError(t, p.Process.Kill())
	require.Error(t, p.Wait())
	merged := filepath.Dir(one(t, path, "store/*/*/all_1_2_1/s.bin"))
	require.NoError(t, os.Truncate(filepath.Join(merged, "checksums.txt"), 0))

	var log bytes.Buffer
	server := open(t, embedded.Config{Path: path, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	require.Equal(t, "1001\t5000", clientOf(t, server.URL()).must("SELECT count(), max(a) FROM spans"))
	require.Contains(t, log.String(), "no row is lost")
	require.Contains(t, log.String(), "broken-on-start_all_1_2_1")
}

// What is no damage: tables dropped, kept elsewhere, in memory.
func TestUndamagedFoldersOpen(t *testing.T) {
	path := folderWith(t, append(twoTables,
		"CREATE DATABASE other", "CREATE TABLE other.`odd. näme` (a UInt64) ENGINE = ReplacingMergeTree ORDER BY a",
		"INSERT INTO other.`odd. näme` VALUES (1)",
		"CREATE TABLE m (a UInt64) ENGINE = Memory", "CREATE TABLE n (a UInt64) ENGINE = Log", "INSERT INTO n VALUES (1)",
		"CREATE MATERIALIZED VIEW mv ENGINE = SummingMergeTree ORDER BY a AS SELECT a FROM spans", "DROP TABLE logs",
		"CREATE DATABASE gone", "CREATE TABLE gone.t ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a", "DROP DATABASE gone",
		"RENAME TABLE spans TO renamed",
	)...)
	c := clientOf(t, startProcess(t, path).url)
	require.Equal(t, "1000", c.must("SELECT count() FROM renamed"))
	require.Equal(t, "1", c.must("SELECT count() FROM other.`odd. näme`"))
}

// Whoever starts the program on a damaged folder reads one sentence, not the engine's words before it.
func TestNothingButTheSentenceIsOnStandardError(t *testing.T) {
	path := folderWith(t, twoTables...)
	require.NoError(t, os.WriteFile(one(t, path, "store/*/*/spans.sql"), []byte("rubbish\nof\nlines\n"), 0o600))
	said := refusal(t, path)
	require.Regexp(t, "^the embedded ClickHouse cannot start on .*: Code: 62. DB::Exception: Syntax error .*spans.sql.*"+
		"; restore the folder from a copy, or move it away to begin anew\n$", said)
	require.NotContains(t, said, "Expected one of")
}
