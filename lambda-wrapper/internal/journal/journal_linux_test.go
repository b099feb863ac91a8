package journal

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func text(s string) func([]byte) []byte { return func(b []byte) []byte { return append(b, s...) } }

func open(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir, "f", []byte("common"))
	require.NoError(t, err)
	return j
}

// die leaves the file as the end of the process does.
func (j *Journal) die(t *testing.T, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "f-*.journal"))
	require.NoError(t, err)
	require.Len(t, paths, 1)
	body, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.NoError(t, os.WriteFile(paths[0], body, 0o600))
}

func TestWhatAProcessLeavesIsTakenOnce(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	require.True(t, j.Add(text("sent")))
	j.Clear()
	require.True(t, j.Add(text("one")))
	require.True(t, j.Add(text("two")))
	require.True(t, j.Hold(text("replaced"), nil))
	end := time.Unix(5, 0)
	require.True(t, j.Hold(text("held until 01234567."), []byte("01234567")))
	j.Touch(end)
	require.Empty(t, Take(dir, "f"), "it lives")
	j.die(t, dir)

	left := Take(dir, "f")
	require.Len(t, left, 1)
	require.Equal(t, "common", string(left[0].Preamble))
	require.Equal(t, "onetwo", string(left[0].Entries))
	require.Equal(t, "held until "+string(binary.LittleEndian.AppendUint64(nil, uint64(end.UnixNano())))+".",
		string(left[0].Held))
	require.Empty(t, Take(dir, "f"), "somebody has it")
	require.Empty(t, Take(dir, "another"))
	left[0].Done()
	require.Empty(t, Take(dir, "f"))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestWhatWasSentAndReleasedIsNotLeft(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	j.Add(text("sent"))
	j.Hold(text("held"), nil)
	j.Clear()
	j.Release()
	j.die(t, dir)
	require.Empty(t, Take(dir, "f"))
}

func TestAFullJournalSaysSo(t *testing.T) {
	j := open(t, t.TempDir())
	defer j.Close()
	kilobyte := strings.Repeat("x", 1<<10)
	added := 0
	for j.Add(text(kilobyte)) {
		added++
	}
	require.Equal(t, (heldAt-j.first)/(1<<10), added)
	require.False(t, j.Hold(text(strings.Repeat("x", 1<<20)), nil))
	j.Clear()
	require.True(t, j.Add(text(kilobyte)))
}

func TestWhatIsNoJournalIsLeftAloneOrRemoved(t *testing.T) {
	dir := t.TempDir()
	young, old := filepath.Join(dir, "f-1.journal"), filepath.Join(dir, "f-2.journal")
	require.NoError(t, os.WriteFile(young, nil, 0o600))
	require.NoError(t, os.WriteFile(old, []byte("nonsense"), 0o600))
	require.NoError(t, os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "f-3.journal")))
	require.Empty(t, Take(dir, "f"))
	require.FileExists(t, young)
	require.NoFileExists(t, old)
	require.FileExists(t, "/etc/passwd")
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "none"), "f", nil)
	require.ErrorIs(t, err, syscall.ENOENT)
	require.ErrorContains(t, err, "make a journal")
}

func TestNoJournalKeepsNothing(t *testing.T) {
	var j *Journal
	require.False(t, j.Add(text("x")))
	require.False(t, j.Hold(text("x"), nil))
	j.Clear()
	j.Touch(time.Now())
	j.Release()
	require.NoError(t, j.Close())
}

// FuzzRead reads files of any content.
func FuzzRead(f *testing.F) {
	f.Add([]byte(magic), uint64(1), uint64(2), uint64(3))
	f.Add([]byte(magic+"\x01\x00\x00\x00\x00\x00\x00\x00"), uint64(1), ^uint64(0), uint64(3))
	f.Fuzz(func(t *testing.T, head []byte, preamble, entries, held uint64) {
		file := make([]byte, fileSize)
		copy(file, head)
		for at, v := range map[int]uint64{preambleSizeAt: preamble, entriesSizeAt: entries, heldSizeAt: held} {
			binary.NativeEndian.PutUint64(file[at:], v)
		}
		p, e, h, ok := read(file)
		if ok && uint64(len(p)) != preamble || ok && uint64(len(e)+len(h)) != entries+held {
			t.Fatal("other sizes than said")
		}
	})
}
