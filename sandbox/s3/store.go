package s3

import (
	"bytes"
	"crypto/md5" //nolint:gosec // S3's ETag is an MD5
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/coder/quartz"
	"github.com/google/uuid"
	"github.com/johannesboyne/gofakes3"
)

// store is gofakes3's backend: the index in memory, each body in a file with a name of its own (keys are never paths).
type store struct {
	root   *os.Root
	clock  quartz.Clock
	logger *slog.Logger

	mu      sync.RWMutex
	buckets map[string]*bucket
}

var (
	_ gofakes3.Backend          = (*store)(nil)
	_ gofakes3.VersionedBackend = (*store)(nil)
)

func newStore(root *os.Root, clock quartz.Clock, logger *slog.Logger) *store {
	return &store{root: root, clock: clock, logger: logger, buckets: map[string]*bucket{}}
}

func (s *store) bucket(name string) (*bucket, error) {
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, gofakes3.BucketNotFound(name)
}

func (s *store) ListBuckets() ([]gofakes3.BucketInfo, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]gofakes3.BucketInfo, 0, len(s.buckets))
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		out = append(out, gofakes3.BucketInfo{Name: name, CreationDate: gofakes3.NewContentTime(s.buckets[name].created)})
	}
	return out, nil
}

func (s *store) BucketExists(name string) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.buckets[name] != nil, nil
}

func (s *store) CreateBucket(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] != nil {
		return gofakes3.ResourceError(gofakes3.ErrBucketAlreadyExists, name)
	}
	s.buckets[name] = &bucket{created: s.clock.Now(), versions: map[string][]*version{}}
	return nil
}

func (s *store) DeleteBucket(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(name)
	if err != nil {
		return err
	}
	if len(b.versions) > 0 {
		return gofakes3.ResourceError(gofakes3.ErrBucketNotEmpty, name)
	}
	delete(s.buckets, name)
	return nil
}

func (s *store) ForceDeleteBucket(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(name)
	if err != nil {
		return err
	}
	for _, versions := range b.versions {
		s.discard(versions...)
	}
	delete(s.buckets, name)
	return nil
}

// PutObject stores the body first and takes the lock only to enter it into the index.
func (s *store) PutObject(
	bucketName, key string, meta map[string]string, body io.Reader, size int64, conditions *gofakes3.PutConditions,
) (gofakes3.PutObjectResult, error) {
	v, err := s.write(key, body, size)
	if err != nil {
		return gofakes3.PutObjectResult{}, err
	}
	v.meta = meta
	if err := s.enter(bucketName, v, conditions); err != nil {
		s.discard(v)
		return gofakes3.PutObjectResult{}, err
	}
	return gofakes3.PutObjectResult{VersionID: v.id}, nil
}

func (s *store) write(key string, body io.Reader, size int64) (*version, error) {
	v := &version{key: key, file: uuid.NewString(), modified: s.clock.Now()}
	file, err := s.root.OpenFile(v.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store the body of %q: %w", key, err)
	}
	sum := md5.New() //nolint:gosec // S3's ETag is an MD5
	v.size, err = io.Copy(io.MultiWriter(file, sum), body)
	v.hash = sum.Sum(nil)
	err = errors.Join(err, file.Close())
	if err == nil && v.size != size {
		err = gofakes3.ErrIncompleteBody
	}
	if err != nil {
		s.discard(v)
		return nil, unjoin(err)
	}
	return v, nil
}

// unjoin gives gofakes3 its own error back: it compares types without unwrapping.
func unjoin(err error) error {
	var code gofakes3.ErrorCode
	if errors.As(err, &code) {
		return code
	}
	var response *gofakes3.ErrorResponse
	if errors.As(err, &response) {
		return response
	}
	return err
}

func (s *store) enter(bucketName string, v *version, conditions *gofakes3.PutConditions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return err
	}
	if conditions != nil {
		if err := gofakes3.CheckPutConditions(conditions, conditionalInfo(b.current(v.key))); err != nil {
			return err
		}
	}
	if b.versioning == gofakes3.VersioningEnabled {
		v.id = newVersionID()
	}
	s.discard(b.add(v))
	return nil
}

func conditionalInfo(v *version) *gofakes3.ConditionalObjectInfo {
	if v == nil {
		return &gofakes3.ConditionalObjectInfo{}
	}
	return &gofakes3.ConditionalObjectInfo{Exists: true, Hash: v.hash}
}

func newVersionID() gofakes3.VersionID {
	random := make([]byte, 24)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return gofakes3.VersionID(base64.RawURLEncoding.EncodeToString(random))
}

// discard removes the bodies of versions that left the index; open readers keep theirs.
func (s *store) discard(versions ...*version) {
	for _, v := range versions {
		if v == nil || v.file == "" {
			continue
		}
		if err := s.root.Remove(v.file); err != nil {
			s.logger.Error("S3: an object's body could not be removed", "key", v.key, "error", err)
		}
	}
}

func (s *store) lookup(bucketName, key string, id gofakes3.VersionID) (*version, error) {
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	if id == "" {
		if v := b.current(key); v != nil {
			return v, nil
		}
		return nil, gofakes3.KeyNotFound(key)
	}
	if v := b.find(key, id); v != nil {
		return v, nil
	}
	return nil, gofakes3.ErrNoSuchVersion
}

func (s *store) GetObject(
	bucketName, key string, r *gofakes3.ObjectRangeRequest,
) (*gofakes3.Object, error) {
	return s.GetObjectVersion(bucketName, key, "", r)
}

// GetObjectVersion opens the body under the lock, so that no delete comes between index and file.
func (s *store) GetObjectVersion(
	bucketName, key string, id gofakes3.VersionID, r *gofakes3.ObjectRangeRequest,
) (*gofakes3.Object, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, err := s.lookup(bucketName, key, id)
	if err != nil {
		return nil, err
	}
	object := v.object()
	if v.marker {
		return object, nil
	}
	if object.Range, err = r.Range(v.size); err != nil {
		return nil, err
	}
	object.Contents, err = s.open(v, object.Range)
	return object, err
}

type section struct {
	io.Reader
	io.Closer
}

func (s *store) open(v *version, r *gofakes3.ObjectRange) (io.ReadCloser, error) {
	file, err := s.root.Open(v.file)
	if err != nil {
		return nil, fmt.Errorf("read the body of %q: %w", v.key, err)
	}
	if r == nil {
		return file, nil
	}
	return section{io.NewSectionReader(file, r.Start, r.Length), file}, nil
}

// setETag records what a multipart upload's ETag is, without quotes.
func (s *store) setETag(bucketName, key, etag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[bucketName]; b != nil {
		b.setETag(key, `"`+etag+`"`)
	}
}

func (v *version) object() *gofakes3.Object {
	return &gofakes3.Object{
		Name: v.key, Metadata: v.meta, Size: v.size, Hash: v.hash, VersionID: v.id, IsDeleteMarker: v.marker,
		Contents: io.NopCloser(bytes.NewReader(nil)),
	}
}

func (s *store) HeadObject(bucketName, key string) (*gofakes3.Object, error) {
	return s.HeadObjectVersion(bucketName, key, "")
}

func (s *store) HeadObjectVersion(bucketName, key string, id gofakes3.VersionID) (*gofakes3.Object, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, err := s.lookup(bucketName, key, id)
	if err != nil {
		return nil, err
	}
	return v.object(), nil
}

func (s *store) DeleteObject(bucketName, key string) (gofakes3.ObjectDeleteResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return gofakes3.ObjectDeleteResult{}, err
	}
	if b.versioning == "" {
		s.discard(b.remove(key, ""))
		return gofakes3.ObjectDeleteResult{}, nil
	}
	marker := &version{key: key, marker: true, modified: s.clock.Now()}
	if b.versioning == gofakes3.VersioningEnabled {
		marker.id = newVersionID()
	}
	s.discard(b.add(marker))
	return gofakes3.ObjectDeleteResult{IsDeleteMarker: true, VersionID: marker.id}, nil
}

func (s *store) DeleteObjectVersion(
	bucketName, key string, id gofakes3.VersionID,
) (gofakes3.ObjectDeleteResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return gofakes3.ObjectDeleteResult{}, err
	}
	removed := b.remove(key, id)
	if removed == nil {
		return gofakes3.ObjectDeleteResult{}, nil
	}
	s.discard(removed)
	return gofakes3.ObjectDeleteResult{IsDeleteMarker: removed.marker, VersionID: removed.id}, nil
}

func (s *store) DeleteMulti(bucketName string, keys ...string) (gofakes3.MultiDeleteResult, error) {
	objects := make([]gofakes3.ObjectID, len(keys))
	for i, key := range keys {
		objects[i].Key = key
	}
	return s.DeleteMultiVersions(bucketName, objects...)
}

func (s *store) DeleteMultiVersions(
	bucketName string, objects ...gofakes3.ObjectID,
) (out gofakes3.MultiDeleteResult, err error) {
	for _, object := range objects {
		if object.VersionID == "" {
			_, err = s.DeleteObject(bucketName, object.Key)
		} else {
			_, err = s.DeleteObjectVersion(bucketName, object.Key, gofakes3.VersionID(object.VersionID))
		}
		if err != nil {
			return out, err // the bucket is gone: no key can succeed
		}
		out.Deleted = append(out.Deleted, object)
	}
	return out, nil
}

func (s *store) CopyObject(
	srcBucket, srcKey, dstBucket, dstKey string, meta map[string]string,
) (gofakes3.CopyObjectResult, error) {
	source, err := s.GetObject(srcBucket, srcKey, nil)
	if err != nil {
		return gofakes3.CopyObjectResult{}, err
	}
	defer func() { _ = source.Contents.Close() }()
	if _, err := s.PutObject(dstBucket, dstKey, meta, source.Contents, source.Size, nil); err != nil {
		return gofakes3.CopyObjectResult{}, err
	}
	return gofakes3.CopyObjectResult{
		ETag: gofakes3.FormatETag(source.Hash), LastModified: gofakes3.NewContentTime(s.clock.Now()),
	}, nil
}

func (s *store) VersioningConfiguration(bucketName string) (out gofakes3.VersioningConfiguration, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return out, err
	}
	out.Status = b.versioning
	return out, nil
}

func (s *store) SetVersioningConfiguration(bucketName string, in gofakes3.VersioningConfiguration) error {
	if in.MFADelete.Enabled() {
		return gofakes3.ErrNotImplemented
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return err
	}
	b.versioning = in.Status
	return nil
}

// keysAfter lists the bucket's keys in S3's order (bytes) behind the marker.
func (b *bucket) keysAfter(marker string) []string {
	keys := slices.Sorted(maps.Keys(b.versions))
	i, found := slices.BinarySearch(keys, marker)
	if found {
		i++
	}
	return keys[i:]
}

func (s *store) ListBucket(
	bucketName string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage,
) (*gofakes3.ObjectList, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	return b.list(prefix, page), nil
}

func (b *bucket) list(prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) *gofakes3.ObjectList {
	out := gofakes3.NewObjectList()
	count, rolled := int64(0), ""
	for _, key := range b.keysAfter(page.Marker) {
		v := b.current(key)
		common, ok := match(prefix, key)
		// A marker that is a common prefix stands for every key below it.
		passed := common != "" && (common == rolled || common == page.Marker)
		if v == nil || !ok || passed {
			continue
		}
		if page.MaxKeys > 0 && count == page.MaxKeys {
			out.IsTruncated = true
			return out
		}
		count++
		if common != "" {
			out.AddPrefix(common)
			rolled, out.NextMarker = common, common
			continue
		}
		out.Add(v.content())
		out.NextMarker = key
	}
	out.NextMarker = ""
	return out
}

// match tells whether key is listed under the prefix, and the common prefix it is rolled up into, if any.
func match(prefix *gofakes3.Prefix, key string) (common string, ok bool) {
	if prefix == nil {
		return "", true
	}
	if !strings.HasPrefix(key, prefix.Prefix) {
		return "", false
	}
	if prefix.HasDelimiter && prefix.Delimiter != "" {
		if i := strings.Index(key[len(prefix.Prefix):], prefix.Delimiter); i >= 0 {
			return key[:len(prefix.Prefix)+i+len(prefix.Delimiter)], true
		}
	}
	return "", true
}

func (v *version) content() *gofakes3.Content {
	return &gofakes3.Content{
		Key: v.key, LastModified: gofakes3.NewContentTime(v.modified), ETag: v.etag(), Size: v.size,
		StorageClass: gofakes3.StorageStandard,
	}
}
