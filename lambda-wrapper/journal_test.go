package wrapper

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

func open(t *testing.T, path string) (*journal, []byte) {
	t.Helper()
	s, left, err := openJournal(path)
	require.NoError(t, err)
	return s, left
}

// put keeps one span of that name.
func (j *journal) put(name string) {
	j.add(func(b []byte) []byte { return otlp.Append(b, ended(name, 1)...) })
}

func names(t *testing.T, request []byte) []string {
	t.Helper()
	spans, err := decodeSpans(request)
	require.NoError(t, err)
	return namesOf(spans)
}

func TestTheNextProcessFindsWhatWasNotSent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	s, left := open(t, path)
	require.Empty(t, left)
	s.put("a")
	mark := s.mark()
	s.put("b")
	s.put("c")
	s.forget(mark)
	s.close()

	s, left = open(t, path)
	require.Equal(t, []string{"b0", "c0"}, names(t, left))
	s.put("d")
	s.close() // before anything was sent

	s, left = open(t, path)
	require.Equal(t, []string{"b0", "c0", "d0"}, names(t, left))
	s.forget(s.mark())
	s.close()

	s, left = open(t, path)
	require.Empty(t, left)
	s.close()
}

func TestAnInvocationThatBeganIsKnownUntilItEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	begin := func(s *journal) {
		open := cutSpan{ended("open", 1)[0], time.Unix(0, endSentinel), nil, cut{message: "why"}}
		s.begin(func(b []byte) []byte { return otlp.Append(b, open) })
	}
	s, _ := open(t, path)
	begin(s)
	begin(s)
	s.put("a")
	last := int64(s.word(writtenAt).Load())
	s.close()
	s, left := open(t, path)
	spans, err := decodeSpans(left)
	require.NoError(t, err)
	require.Equal(t, []string{"a0", "open0"}, namesOf(spans))
	require.Equal(t, "ERROR: why", spans[1].Status)
	require.Contains(t, string(left), string(otlpTime(last)), "it ended when the process last did something")
	begin(s)
	s.end()
	s.close()
	s, left = open(t, path)
	require.Equal(t, []string{"a0", "open0"}, names(t, left), "the second one has ended")
	s.close()
}

// otlpTime is the end time of a span on the wire: field 8, fixed64.
func otlpTime(nanoseconds int64) []byte {
	b := []byte{8<<3 | 1}
	for i := range 8 {
		b = append(b, byte(nanoseconds>>(8*i)))
	}
	return b
}

func TestAFullJournalLeavesOutWhatDoesNotFit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	s, _ := open(t, path)
	big := bytes.Repeat([]byte("x"), 300<<10)
	kept := 0
	for range 5 {
		before := s.mark()
		s.add(func(b []byte) []byte { return append(b, big...) })
		if s.mark() > before {
			kept++
		}
	}
	require.Equal(t, 3, kept)
	s.forget(s.mark())
	s.put("a")
	s.close()
	s, left := open(t, path)
	require.Equal(t, []string{"a0"}, names(t, left))
	s.close()
}

func TestAJournalThatIsNeverEmptyDoesNotFillUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	s, _ := open(t, path)
	text := bytes.Repeat([]byte("x"), 50<<10)
	var marks []int
	for n := range 200 {
		text[0] = byte(n)
		before := s.mark()
		s.add(func(b []byte) []byte { return append(b, text...) })
		require.Greater(t, s.mark(), before)
		marks = append(marks, s.mark())
		if n >= 2 {
			s.forget(marks[n-2]) // two are always on their way
		}
	}
	s.close()
	s, left := open(t, path)
	require.Len(t, left, 2*len(text))
	require.Equal(t, []byte{198, 199}, []byte{left[0], left[len(text)]})
	s.close()
}

func TestOneProcessAtATimeHasAJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	s, _ := open(t, path)
	defer s.close()
	_, _, err := openJournal(path)
	require.ErrorContains(t, err, "map the journal "+path)
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(journalMagic), uint64(0), uint64(0))
	f.Add([]byte(journalMagic), uint64(1)<<32|7, uint64(3))
	f.Add([]byte(journalMagic), ^uint64(0), ^uint64(0))
	f.Add([]byte("else"), uint64(5), uint64(5))
	path := filepath.Join(f.TempDir(), "journal")
	f.Fuzz(func(t *testing.T, magic []byte, bounds, length uint64) {
		file := make([]byte, journalLength)
		copy(file, magic[:min(len(magic), boundsAt)])
		for i := range 8 {
			file[boundsAt+i], file[openLengthAt+i] = byte(bounds>>(8*i)), byte(length>>(8*i))
		}
		require.NoError(t, os.WriteFile(path, file, 0o600))
		s, left, err := openJournal(path)
		require.NoError(t, err)
		require.LessOrEqual(t, len(left), journalLength)
		s.forget(s.mark())
		s.put("a")
		s.close()
		s, left, err = openJournal(path)
		require.NoError(t, err)
		require.Equal(t, []string{"a0"}, names(t, left))
		s.close()
	})
}
