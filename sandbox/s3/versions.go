package s3

import "github.com/johannesboyne/gofakes3"

// ListBucketVersions lists keys in order and, of each key, the newest version first.
func (s *store) ListBucketVersions(
	bucketName string, prefix *gofakes3.Prefix, page *gofakes3.ListBucketVersionsPage,
) (*gofakes3.ListBucketVersionsResult, error) {
	if page == nil {
		page = &gofakes3.ListBucketVersionsPage{}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	out := gofakes3.NewListBucketVersionsResult(bucketName, prefix, page)
	b.listVersions(out, prefix, page)
	return out, nil
}

func (b *bucket) listVersions(
	out *gofakes3.ListBucketVersionsResult, prefix *gofakes3.Prefix, page *gofakes3.ListBucketVersionsPage,
) {
	count := int64(0)
	for _, v := range b.versionsAfter(page.KeyMarker, page.VersionIDMarker) {
		common, ok := match(prefix, v.key)
		if !ok {
			continue
		}
		if common != "" {
			out.AddPrefix(common)
			continue
		}
		if page.MaxKeys > 0 && count == page.MaxKeys {
			out.IsTruncated = true
			return
		}
		count++
		out.Versions = append(out.Versions, b.item(v))
		out.NextKeyMarker, out.NextVersionIDMarker = v.key, v.id
	}
	out.NextKeyMarker, out.NextVersionIDMarker = "", ""
}

// versionsAfter flattens the index, starting behind a version of the marker's key, or behind the whole key.
func (b *bucket) versionsAfter(key string, id gofakes3.VersionID) (out []*version) {
	if id != "" {
		older := false
		for _, v := range newestFirst(b.versions[key]) {
			if older {
				out = append(out, v)
			}
			older = older || v.id == id
		}
	}
	for _, k := range b.keysAfter(key) {
		out = append(out, newestFirst(b.versions[k])...)
	}
	return out
}

func newestFirst(versions []*version) []*version {
	out := make([]*version, 0, len(versions))
	for i := len(versions) - 1; i >= 0; i-- {
		out = append(out, versions[i])
	}
	return out
}

func (b *bucket) item(v *version) gofakes3.VersionItem {
	latest := v == b.latest(v.key)
	modified := gofakes3.NewContentTime(v.modified)
	if v.marker {
		return &gofakes3.DeleteMarker{Key: v.key, VersionID: v.id, IsLatest: latest, LastModified: modified}
	}
	return &gofakes3.Version{
		Key: v.key, VersionID: v.id, IsLatest: latest, LastModified: modified, Size: v.size,
		ETag: v.etag(), StorageClass: gofakes3.StorageStandard,
	}
}
