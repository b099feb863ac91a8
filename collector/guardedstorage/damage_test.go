package guardedstorage

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// filled is the content of a file with a queue of many pages, more than one level deep.
func filled(t *testing.T) []byte {
	t.Helper()
	f := newFolder(t)
	c := f.mustOpen(t)
	fill(t, c, 0, 10, 400)
	c = f.mustOpen(t)
	require.NoError(t, c.Batch(t.Context(), storage.SetOperation("399", []byte(strings.Repeat("long", 5000)))))
	require.NoError(t, c.Close(t.Context()))
	text, err := os.ReadFile(f.file())
	require.NoError(t, err)
	return text
}

func withContent(t *testing.T, content []byte) *folder {
	t.Helper()
	f := newFolder(t)
	require.NoError(t, os.WriteFile(f.file(), content, 0o600))
	return f
}

const page = 4096

// Each damage is answered with a sentence that names the file, which is left as it is; with recreate it is moved aside.
func TestDamageIsAnsweredWithASentence(t *testing.T) {
	whole := filled(t)
	zeroed := append([]byte(nil), whole...)
	for p := 2 * page; p < len(zeroed); p += page { // wherever the root is
		clear(zeroed[p : p+page/2])
	}
	heads := append([]byte(nil), whole...)
	heads[20] ^= 1
	heads[page+20] ^= 1
	for name, content := range map[string][]byte{
		"cut in the middle":       whole[:len(whole)/2/page*page],
		"cut within its heads":    whole[:page],
		"cut within a page":       whole[:3*page+100],
		"rubbish":                 []byte("rubbish"),
		"zeroed pages":            zeroed,
		"zeroed":                  make([]byte, len(whole)),
		"both heads with a flip":  heads,
		"a queue of another kind": append([]byte("PK"), whole[2*page:]...),
	} {
		t.Run(name, func(t *testing.T) {
			f := withContent(t, content)
			_, err := f.open(t)
			require.ErrorContains(t, err, "the sending queue in "+f.file()+" is damaged")
			require.ErrorContains(t, err, "move it away")
			left, err := os.ReadFile(f.file())
			require.NoError(t, err)
			require.Equal(t, content, left)

			f.recreate = true
			c := f.mustOpen(t)
			require.NoError(t, c.Set(t.Context(), "0", []byte("new")))
			require.NoError(t, c.Close(t.Context()))
			aside, err := filepath.Glob(f.file() + ".damaged-2*")
			require.NoError(t, err)
			require.Len(t, aside, 1)
			moved, err := os.ReadFile(aside[0])
			require.NoError(t, err)
			require.Equal(t, content, moved)
			require.Equal(t, 1, f.logs.FilterMessageSnippet("was moved aside as it is").Len())
		})
	}
}

func TestOneWholeHeadIsEnough(t *testing.T) {
	for _, head := range []int{0, page} {
		content := filled(t)
		content[head+20] ^= 1
		f := withContent(t, content)
		c := f.mustOpen(t)
		require.Equal(t, 1, f.logs.FilterMessageSnippet("what was accepted last may be missing").Len())
		require.Len(t, entries(t, c), 400)
		require.NoError(t, c.Close(t.Context()))
	}
}

func TestAnEmptyFileBeginsAnewWithAWarning(t *testing.T) {
	f := withContent(t, nil)
	c := f.mustOpen(t)
	require.NoError(t, c.Close(t.Context()))
	require.Equal(t, 1, f.logs.FilterMessageSnippet("the file is empty").Len())
}

// Whatever bit flips and wherever the file ends: no panic, and either every entry is there as it was, or an error tells
// of those that are not.
func TestNoFlippedBitGoesUnnoticed(t *testing.T) {
	whole := filled(t)
	random := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		content := append([]byte(nil), whole...)
		for range 1 + random.IntN(3) {
			content[random.IntN(len(content))] ^= 1 << random.IntN(8)
		}
		f := withContent(t, content)
		c, err := f.open(t)
		if err != nil {
			require.ErrorContains(t, err, f.file())
			continue
		}
		read := entries(t, c)
		require.NoError(t, c.Close(t.Context()))
		told := f.logs.FilterMessageSnippet("is damaged").Len()
		if told == 0 {
			require.Subset(t, read, []string{"entry 0", "entry 9", "entry 10", "entry 200", "entry 398"})
			require.GreaterOrEqual(t, len(read), 400)
		}
		for _, text := range read {
			require.Regexp(t, `^(entry \d+|(long)+)$`, text)
		}
	}
}
