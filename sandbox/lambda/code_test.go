package lambda

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

type entry struct {
	name string
	data string
	mode fs.FileMode
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			header.SetMode(e.mode)
		}
		out, err := w.CreateHeader(header)
		require.NoError(t, err)
		_, err = out.Write([]byte(e.data))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return buf.Bytes()
}

func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	c, err := unpack(dir, archive(t,
		entry{name: "bootstrap", data: "run", mode: 0o755},
		entry{name: "data/", mode: fs.ModeDir | 0o755},
		entry{name: "data/words.txt", data: "words", mode: 0o444},
		entry{name: "extensions/b", data: "b", mode: 0o755},
		entry{name: "extensions/a", data: "a"}, // made without permissions
		entry{name: "extensions/notes.txt", data: "no executable", mode: 0o644},
	))
	require.NoError(t, err)
	words, err := os.ReadFile(filepath.Join(c.folder, "data/words.txt"))
	require.NoError(t, err)
	require.Equal(t, "words", string(words))
	require.Equal(t, filepath.Join(c.folder, "bootstrap"), c.entrypoint("provided.al2023", "main"))
	require.Equal(t, filepath.Join(c.folder, "bootstrap"), c.entrypoint("go1.x", "main"))
	require.Equal(t, []string{
		filepath.Join(c.folder, "extensions/a"), filepath.Join(c.folder, "extensions/b"),
	}, c.extensions())

	c.hold()
	c.release()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestEntrypointOfGo1x(t *testing.T) {
	c, err := unpack(t.TempDir(), archive(t, entry{name: "main", data: "run", mode: 0o755}))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(c.folder, "main"), c.entrypoint("go1.x", "main"))
	require.Equal(t, filepath.Join(c.folder, "bootstrap"), c.entrypoint("go1.x", "../main"))
}

func TestUnpackRefusals(t *testing.T) {
	cases := map[string]struct {
		zip  []byte
		want string
	}{
		"zip slip":       {archive(t, entry{name: "../escaped", data: "x"}), "outside of its root"},
		"absolute":       {archive(t, entry{name: "/etc/escaped", data: "x"}), "outside of its root"},
		"link":           {archive(t, entry{name: "l", data: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "files and folders only"},
		"twice":          {archive(t, entry{name: "a", data: "1"}, entry{name: "./a", data: "2"}), "Could not unzip"},
		"file as folder": {archive(t, entry{name: "a", data: "1"}, entry{name: "a/b", data: "2"}), "Could not unzip"},
		"no zip":         {[]byte("plain text"), "Could not unzip"},
		"empty":          {nil, "ZipFile"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "dir")
			require.NoError(t, os.Mkdir(dir, 0o700))
			_, err := unpack(dir, c.zip)
			require.ErrorContains(t, err, c.want)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
			require.NoFileExists(t, filepath.Join(parent, "escaped"))
		})
	}
}

func TestExtractIsBounded(t *testing.T) {
	data := archive(t, entry{name: "a", data: "12345"}, entry{name: "b", data: string(make([]byte, 1<<20))})
	reader, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	require.NoError(t, extract(t.TempDir(), reader.File, 5+1<<20))
	folder := t.TempDir()
	require.ErrorContains(t, extract(folder, reader.File, 4+1<<20), "Unzipped size must be smaller")
	info, err := os.Stat(filepath.Join(folder, "b"))
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(1<<20)) // what was written is bounded, too
}

func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, entry{name: "bootstrap", data: "run", mode: 0o755}))
	f.Add(archive(f, entry{name: "../escaped", data: "x"}))
	f.Add(archive(f, entry{name: "a/b/../../../escaped", data: "x"}, entry{name: "l", data: "..", mode: fs.ModeSymlink}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "dir")
		require.NoError(t, os.Mkdir(dir, 0o700))
		if c, err := unpack(dir, data); err == nil {
			c.hold()
			c.release()
		}
		left, err := os.ReadDir(parent)
		require.NoError(t, err)
		require.Len(t, left, 1) // nothing beside dir
		left, err = os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}
