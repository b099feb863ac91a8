package chdb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/store/embedded/chdb"
	"github.com/steptrace/steptrace/store/embedded/library"
)

// The engine is one per process, so the tests share its library and its data folder.
var (
	lib    *chdb.Library
	folder string
)

func TestMain(m *testing.M) {
	path, err := library.Locate("")
	if err == nil {
		lib, err = chdb.Load(path, nil)
	}
	if err == nil {
		folder, err = os.MkdirTemp("", "steptrace-chdb-")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	if err := errors.Join(os.RemoveAll(folder), goleak.Find()); status == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func connect(t *testing.T) *chdb.Connection {
	t.Helper()
	c, err := lib.Connect("--path=" + folder)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func query(t *testing.T, c *chdb.Connection, text string, parameters ...chdb.Parameter) string {
	t.Helper()
	r, err := c.Query(text, "TSVRaw", parameters...)
	require.NoError(t, err)
	defer r.Free()
	return strings.TrimSuffix(string(r.Bytes()), "\n")
}

func TestLoadRefusesOtherLibraries(t *testing.T) {
	_, err := chdb.Load(filepath.Join(t.TempDir(), "none.so"), nil)
	require.ErrorContains(t, err, "none.so")
	if runtime.GOOS == "linux" {
		_, err = chdb.Load("libc.so.6", nil)
		require.ErrorContains(t, err, "not a libchdb")
	}
}

func TestVersionIsThePinnedOne(t *testing.T) {
	require.True(t, strings.HasPrefix(library.Version, lib.Version()), "%s, want %s", lib.Version(), library.Version)
}

func TestQuery(t *testing.T) {
	c := connect(t)
	require.Equal(t, "2", query(t, c, "SELECT 1 + 1"))
	require.Equal(t, "a\x00b", query(t, c, "SELECT {s:String}", chdb.Parameter{Name: "s", Value: "a\x00b"}))
	require.Equal(t, "", query(t, c, "SELECT {s:String}", chdb.Parameter{Name: "s"}))
	_, err := c.Query("SELECT * FROM nope", "CSV")
	require.ErrorContains(t, err, "Code: 60. DB::Exception: ")
	require.Equal(t, "1", query(t, c, "SELECT 1"), "usable after an error")
}

func TestSessionsAreApart(t *testing.T) {
	a, b := connect(t), connect(t)
	require.NoError(t, a.Exec("SET max_threads = 7"))
	require.NoError(t, a.Exec("CREATE TEMPORARY TABLE own (a UInt8)"))
	require.Equal(t, "7", query(t, a, "SELECT toString(getSetting('max_threads'))"))
	require.NotEqual(t, "7", query(t, b, "SELECT toString(getSetting('max_threads'))"))
	require.Error(t, b.Exec("SELECT * FROM own"))
}

func TestStream(t *testing.T) {
	c := connect(t)
	s, err := c.Stream("SELECT number FROM numbers(10) SETTINGS max_block_size = 4", "TSV")
	require.NoError(t, err)
	defer s.Free()
	var pieces []string
	var read chdb.Statistics
	for {
		r, err := s.Next()
		require.NoError(t, err)
		piece := string(r.Bytes())
		read = read.Add(r.Statistics())
		r.Free()
		if piece == "" {
			break
		}
		pieces = append(pieces, piece)
	}
	require.Equal(t, []string{"0\n1\n2\n3\n", "4\n5\n6\n7\n", "8\n9\n"}, pieces)
	require.EqualValues(t, 10, read.RowsRead)
}

func TestStreamStops(t *testing.T) {
	c := connect(t)
	s, err := c.Stream("SELECT number FROM system.numbers", "TSV")
	require.NoError(t, err)
	r, err := s.Next()
	require.NoError(t, err)
	r.Free()
	s.Cancel()
	s.Free()
	require.Equal(t, "1", query(t, c, "SELECT 1"), "usable after a cancel")

	_, err = c.Stream("SHOW TABLES", "TSV")
	require.ErrorContains(t, err, "Streaming query is not supported")

	s, err = c.Stream("SELECT throwIf(number = 9) FROM numbers(10) SETTINGS max_block_size = 4", "TSV")
	require.NoError(t, err)
	defer s.Free()
	for err == nil {
		if r, err = s.Next(); err == nil {
			r.Free()
		}
	}
	require.ErrorContains(t, err, "Code: 395.")
}

func TestInsert(t *testing.T) {
	c := connect(t)
	require.NoError(t, c.Exec("CREATE TABLE inserted (a String) ENGINE = MergeTree ORDER BY a"))
	i, err := c.Insert("INSERT INTO inserted", "RowBinary")
	require.NoError(t, err)
	for _, piece := range []string{"\x05a\n\n", ";\x00", "", "\x01b"} { // cut inside of a value, with a blank line
		n, err := i.Write([]byte(piece))
		require.NoError(t, err)
		require.Equal(t, len(piece), n)
	}
	written, err := i.Finish()
	require.NoError(t, err)
	require.EqualValues(t, 2, written.RowsWritten)
	require.Equal(t, "a\n\n;\x00", query(t, c, "SELECT a FROM inserted WHERE length(a) = 5"))
}

func TestInsertWithParametersInValues(t *testing.T) {
	c := connect(t)
	require.NoError(t, c.Exec("CREATE TABLE valued (a UInt64, b String) ENGINE = Memory"))
	i, err := c.Insert("INSERT INTO valued", "Values", chdb.Parameter{Name: "x", Value: "5"})
	require.NoError(t, err)
	_, err = i.Write([]byte("({x:UInt64}, 'a\n\nb')"))
	require.NoError(t, err)
	_, err = i.Finish()
	require.NoError(t, err)
	require.Equal(t, "5a\n\nb", query(t, c, "SELECT toString(a) || b FROM valued"))
}

func TestInsertThatFailsOrIsGivenUp(t *testing.T) {
	c := connect(t)
	require.NoError(t, c.Exec("CREATE TABLE failed (a UInt64) ENGINE = MergeTree ORDER BY a"))
	_, err := c.Insert("INSERT INTO nope", "TSV")
	require.ErrorContains(t, err, "Code: 60.")

	i, err := c.Insert("INSERT INTO failed", "TSV")
	require.NoError(t, err)
	_, written := i.Write([]byte("1\nx\n")) // fails when the engine has already come to the bad row
	if written != nil {
		require.ErrorIs(t, written, chdb.ErrInsertFailed)
	}
	_, err = i.Finish()
	require.ErrorContains(t, err, "Code: 27.")

	i, err = c.Insert("INSERT INTO failed", "TSV")
	require.NoError(t, err)
	_, err = i.Write([]byte("1\n2\n"))
	require.NoError(t, err)
	i.Cancel()
	require.Equal(t, "0", query(t, c, "SELECT toString(count()) FROM failed"))
}

func TestClassify(t *testing.T) {
	c := connect(t)
	for text, want := range map[string]struct {
		statements int
		class      chdb.Class
	}{
		"SELECT 1":                           {1, chdb.ReadOnly},
		"SHOW TABLES":                        {1, chdb.ReadOnly},
		"SELECT 1; SELECT 2":                 {2, chdb.ReadOnly},
		"INSERT INTO t VALUES (1)":           {1, chdb.Mutating},
		"WITH 1 AS x INSERT INTO t SELECT x": {1, chdb.Mutating},
		"CREATE FUNCTION f AS x -> x":        {1, chdb.MutatingGlobal},
		"SET max_threads = 1":                {1, chdb.Control},
		"SYSTEM SHUTDOWN":                    {1, chdb.Control},
		"SELECT 1 INTO OUTFILE 'x'":          {1, chdb.Control},
		"SELEC 1":                            {0, chdb.Unknown},
		"":                                   {0, chdb.Unknown},
	} {
		statements, class := c.Classify(text)
		require.Equal(t, want.statements, statements, text)
		require.Equal(t, want.class, class, text)
	}
}

func TestConnectionsRunInParallel(t *testing.T) {
	keep := connect(t)
	var sessions sync.WaitGroup
	for i := range 8 {
		sessions.Go(func() {
			for range 20 {
				c, err := lib.Connect("--path=" + folder)
				if err != nil {
					t.Error(err)
					return
				}
				if got := query(t, c, fmt.Sprintf("SELECT '%d'", i)); got != fmt.Sprint(i) {
					t.Errorf("session %d read %q", i, got)
				}
				c.Close()
			}
		})
	}
	sessions.Wait()
	require.Equal(t, "1", query(t, keep, "SELECT 1"))
}

// A failed start is told on standard error only.
func TestStartTellsWhyItFailed(t *testing.T) {
	damaged := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(damaged, "metadata"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(damaged, "metadata", "d.sql"), []byte("rubbish"), 0o600))
	_, said, err := lib.Start("--path=" + damaged)
	require.ErrorIs(t, err, chdb.ErrConnect)
	require.Contains(t, said, "d.sql")
	require.True(t, strings.HasPrefix(said, "Code: 62. DB::Exception: "), said)
}

func TestStartWorksLikeConnect(t *testing.T) {
	c, said, err := lib.Start("--path=" + folder)
	require.NoError(t, err)
	require.Empty(t, said)
	require.Equal(t, "1", query(t, c, "SELECT 1"))
	c.Close()
}
