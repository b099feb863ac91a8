package s3

import (
	"maps"
	"slices"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// bucket is a bucket's index; bodies are files of the store.
type bucket struct {
	created    time.Time
	versioning gofakes3.VersioningStatus
	versions   map[string][]*version // by key, oldest first; never an empty slice
}

// version is one version of an object, or a delete marker. It is never changed once it is in a bucket.
type version struct {
	key      string
	id       gofakes3.VersionID // empty: the null version of an unversioned bucket
	modified time.Time
	marker   bool
	meta     map[string]string
	hash     []byte // MD5 of the body
	parts    string // the ETag of a multipart upload, quoted; empty: the hash is the ETag
	size     int64
	file     string // the body's file name; empty for a delete marker
}

func (b *bucket) latest(key string) *version {
	all := b.versions[key]
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// current is the latest version of key, nil when there is none or it is a delete marker.
func (b *bucket) current(key string) *version {
	if v := b.latest(key); v != nil && !v.marker {
		return v
	}
	return nil
}

func (b *bucket) find(key string, id gofakes3.VersionID) *version {
	i := slices.IndexFunc(b.versions[key], func(v *version) bool { return v.id == id })
	if i < 0 {
		return nil
	}
	return b.versions[key][i]
}

// add makes v the latest version and returns the one it replaces, if any: only the null version is ever replaced.
func (b *bucket) add(v *version) (replaced *version) {
	if v.id == "" {
		replaced = b.remove(v.key, "")
	}
	b.versions[v.key] = append(b.versions[v.key], v)
	return replaced
}

// setETag gives the latest version of key the ETag of a multipart upload, by replacing it.
func (b *bucket) setETag(key, etag string) {
	all := b.versions[key]
	if len(all) == 0 {
		return // deleted again meanwhile
	}
	edited := *all[len(all)-1]
	edited.parts = etag
	edited.meta = maps.Clone(edited.meta)
	edited.meta[etagHeader] = etag
	b.versions[key] = append(slices.Clone(all[:len(all)-1]), &edited)
}

func (v *version) etag() string {
	if v.parts != "" {
		return v.parts
	}
	return gofakes3.FormatETag(v.hash)
}

func (b *bucket) remove(key string, id gofakes3.VersionID) (removed *version) {
	removed = b.find(key, id)
	if removed == nil {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(b.versions[key]), func(v *version) bool { return v == removed })
	if len(rest) == 0 {
		delete(b.versions, key)
		return removed
	}
	b.versions[key] = rest
	return removed
}
