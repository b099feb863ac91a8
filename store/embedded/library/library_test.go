package library_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/library"
)

func TestForPlatform(t *testing.T) {
	for platform, want := range map[[2]string]string{
		{"linux", "amd64"}:  "@chdb/lib-linux-x64-gnu@26.7.3-stable.1",
		{"linux", "arm64"}:  "@chdb/lib-linux-arm64-gnu@26.7.3-stable.1",
		{"darwin", "amd64"}: "@chdb/lib-darwin-x64@26.7.3-stable.1",
		{"darwin", "arm64"}: "@chdb/lib-darwin-arm64@26.7.3-stable.1",
	} {
		got, err := library.ForPlatform(platform[0], platform[1])
		require.NoError(t, err)
		require.Equal(t, want, got.Spec())
	}
	_, err := library.ForPlatform("windows", "amd64")
	require.ErrorContains(t, err, "not for windows/amd64: use a ClickHouse server")
}

func TestLocatePrefersExplicitThenEnvironmentThenCache(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv(library.EnvPath, "")

	_, err := library.Locate("")
	require.ErrorIs(t, err, library.ErrMissing)
	require.ErrorContains(t, err, "run `make chdb`")

	cached, err := library.CachePath()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(cached), 0o755))
	require.NoError(t, os.WriteFile(cached, nil, 0o644))
	requireLocated(t, "", cached)

	fromEnv := filepath.Join(cache, "env.so")
	require.NoError(t, os.WriteFile(fromEnv, nil, 0o644))
	t.Setenv(library.EnvPath, fromEnv)
	requireLocated(t, "", fromEnv)

	explicit := filepath.Join(cache, "explicit.so")
	require.NoError(t, os.WriteFile(explicit, nil, 0o644))
	requireLocated(t, explicit, explicit)
}

func TestLocateNamesWhatIsWrong(t *testing.T) {
	_, err := library.Locate(filepath.Join(t.TempDir(), "gone.so"))
	require.ErrorContains(t, err, "gone.so does not exist; run `make chdb`")
	_, err = library.Locate(t.TempDir())
	require.ErrorContains(t, err, "is not a file")
}

func requireLocated(t *testing.T, explicit, want string) {
	t.Helper()
	got, err := library.Locate(explicit)
	require.NoError(t, err)
	require.Equal(t, want, got)
}
