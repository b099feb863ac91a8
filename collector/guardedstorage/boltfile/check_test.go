package boltfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// written is a file with a bucket of n entries, and a small one that lies within its parent.
func written(t testing.TB, n int) []byte {
	path := filepath.Join(t.TempDir(), "db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true})
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		small, err := tx.CreateBucket([]byte("small"))
		require.NoError(t, err)
		require.NoError(t, small.Put([]byte("key"), []byte("value")))
		large, err := tx.CreateBucket([]byte("default"))
		require.NoError(t, err)
		for i := range n {
			require.NoError(t, large.Put([]byte(strconv.Itoa(i)), bytes.Repeat([]byte("v"), i%300)))
		}
		return nil
	}))
	require.NoError(t, db.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return text
}

func check(text []byte) error { return Check(bytes.NewReader(text), int64(len(text))) }

func TestWholeFilesPass(t *testing.T) {
	for _, n := range []int{0, 1, 100, 5000, 60000} {
		require.NoError(t, check(written(t, n)), n)
	}
}

func TestATreeThatBitesItsTailEnds(t *testing.T) {
	text := written(t, 5000)
	for place := 2 * os.Getpagesize(); place < len(text); place += os.Getpagesize() {
		if text[place+8] == branchPage {
			copy(text[place+pageHeader+8:place+pageHeader+16], text[place:place+8]) // its first child is itself
		}
	}
	require.ErrorIs(t, check(text), errTwice)
}

func FuzzCheck(f *testing.F) {
	f.Add(uint(0), byte(0), uint(0))
	f.Add(uint(4096*3+9), byte(255), uint(100))
	whole := written(f, 400)
	f.Fuzz(func(_ *testing.T, place uint, value byte, end uint) {
		text := append([]byte(nil), whole...)
		text[place%uint(len(text))] = value
		_ = check(text[:uint(len(text))-end%uint(len(text))])
	})
}
