package s3

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// create serves the operations that make an object and publishes their events.
func (s *Service) create(w *response, r *http.Request, c call) error {
	w.capture = true
	in := describe(r, c, w, s.config.Clock.Now())
	var err error
	switch c.operation {
	case "PutObject":
		err = s.putObject(w, r, c)
		in.bytesIn = r.ContentLength
	case "CopyObject":
		err = s.copyObject(w, r, c)
	default:
		s.forward(w, r, c)
	}
	if err != nil || !w.succeeded() {
		return err
	}
	in.at = s.config.Clock.Now()
	made := s.made(w, c)
	if c.operation == "CompleteMultipartUpload" {
		s.store.setETag(c.bucket, c.key, made.etag)
	}
	if s.notifies(c.bucket) {
		s.native(r.Context(), in, made)
	}
	s.trail(r.Context(), in, made.versionID)
	return nil
}

func (s *Service) putObject(w *response, r *http.Request, c call) error {
	if err := plainBody(r); err != nil {
		return err
	}
	metadata(r.Header)
	for name := range r.Header {
		if isChecksum(name) {
			w.Header().Set(name, r.Header.Get(name))
			w.Header().Set("X-Amz-Checksum-Type", "FULL_OBJECT")
		}
	}
	s.forward(w, r, c)
	return nil
}

// made describes the object that a request made, from the answer to it. The size is the stored version's.
func (s *Service) made(w *response, c call) change {
	var answer struct {
		ETag string `xml:"ETag"`
	}
	_ = xml.Unmarshal(w.body, &answer) // PutObject has no body: its ETag is a header
	if answer.ETag == "" {
		answer.ETag = w.Header().Get("ETag")
	}
	out := change{
		key: c.key, created: true, etag: strings.Trim(answer.ETag, `"`), versionID: w.Header().Get("X-Amz-Version-Id"),
	}
	if object, err := s.store.HeadObjectVersion(c.bucket, c.key, gofakes3.VersionID(out.versionID)); err == nil {
		out.size = object.Size // an error: deleted again meanwhile
	}
	return out
}

type copyResult struct {
	XMLName      xml.Name             `xml:"CopyObjectResult"`
	Xmlns        string               `xml:"xmlns,attr"`
	ETag         string               `xml:"ETag"`
	LastModified gofakes3.ContentTime `xml:"LastModified"`
}

// copyObject is ours and not the library's, which knows no source versions and reports the wrong new version.
func (s *Service) copyObject(w *response, r *http.Request, c call) error {
	source, err := s.copySource(r.Header.Get("X-Amz-Copy-Source"))
	if err != nil {
		return err
	}
	defer func() { _ = source.Contents.Close() }()
	meta := s.copyMetadata(r.Header, source)
	result, err := s.store.PutObject(c.bucket, c.key, meta, source.Contents, source.Size, nil)
	if err != nil {
		return asError(err)
	}
	setVersion(w.Header(), "X-Amz-Version-Id", result.VersionID)
	setVersion(w.Header(), "X-Amz-Copy-Source-Version-Id", source.VersionID)
	writeXML(w, http.StatusOK, copyResult{
		Xmlns: namespace, ETag: gofakes3.FormatETag(source.Hash),
		LastModified: gofakes3.NewContentTime(s.config.Clock.Now()),
	})
	return nil
}

func setVersion(header http.Header, name string, id gofakes3.VersionID) {
	if id != "" {
		header.Set(name, string(id))
	}
}

// copySource opens "[/]bucket/key[?versionId=id]", URL-encoded.
func (s *Service) copySource(header string) (*gofakes3.Object, error) {
	name, query, _ := strings.Cut(header, "?")
	name, err := url.PathUnescape(name)
	bucket, key, ok := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if err != nil || !ok || key == "" {
		return nil, awswire.Errorf("InvalidArgument",
			"Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	id := strings.TrimPrefix(query, "versionId=")
	if id == "null" {
		id = ""
	}
	object, err := s.store.GetObjectVersion(bucket, key, gofakes3.VersionID(id), nil)
	if err != nil {
		return nil, asError(err)
	}
	if object.IsDeleteMarker {
		return nil, noSuchKey
	}
	return object, nil
}

// copyMetadata is the source's, or the request's with the directive REPLACE; the checksum belongs to the body.
func (s *Service) copyMetadata(header http.Header, source *gofakes3.Object) map[string]string {
	replace := header.Get("X-Amz-Metadata-Directive") == "REPLACE"
	out := map[string]string{}
	for name, value := range source.Metadata {
		if !replace || isChecksum(name) {
			out[name] = value
		}
	}
	delete(out, etagHeader)
	if replace {
		maps.Copy(out, newMetadata(header))
	}
	out["Last-Modified"] = s.config.Clock.Now().UTC().Format(http.TimeFormat)
	return out
}

func newMetadata(header http.Header) map[string]string {
	header = header.Clone()
	metadata(header)
	out := map[string]string{}
	for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Encoding"} {
		if value := header.Get(name); value != "" {
			out[name] = value
		}
	}
	for name := range header {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			out[name] = header.Get(name)
		}
	}
	return out
}

// remove serves the deletions and publishes their events: of objects that were there, or got a delete marker.
func (s *Service) remove(w *response, r *http.Request, c call) error {
	targets, err := deletions(r, c)
	if err != nil {
		return err
	}
	in := describe(r, c, w, s.config.Clock.Now())
	existed := make([]bool, len(targets))
	for i, t := range targets {
		_, err := s.store.HeadObjectVersion(c.bucket, t.Key, gofakes3.VersionID(t.VersionID))
		existed[i] = err == nil
	}
	s.forward(w, r, c)
	if !w.succeeded() {
		return nil
	}
	in.at = s.config.Clock.Now()
	for i, t := range targets {
		gone := s.gone(c.bucket, t)
		if s.notifies(c.bucket) && (existed[i] || gone.marker) {
			s.native(r.Context(), in, gone)
		}
	}
	s.trail(r.Context(), in, w.Header().Get("X-Amz-Version-Id"))
	return nil
}

// deletions lists what a request deletes, leaving its body to be read again.
func deletions(r *http.Request, c call) ([]gofakes3.ObjectID, error) {
	if c.operation == "DeleteObject" {
		return []gofakes3.ObjectID{{Key: c.key, VersionID: r.URL.Query().Get("versionId")}}, nil
	}
	if err := plainBody(r); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in gofakes3.DeleteRequest
	if err := xml.Unmarshal(body, &in); err != nil || len(in.Objects) == 0 || len(in.Objects) > 1000 {
		return nil, awswire.Errorf("MalformedXML",
			"The XML you provided was not well-formed or did not validate against our published schema")
	}
	return in.Objects, nil
}

func (s *Service) gone(bucketName string, target gofakes3.ObjectID) change {
	out := change{key: target.Key, versionID: target.VersionID}
	if target.VersionID != "" {
		return out
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	b, err := s.store.bucket(bucketName)
	if err != nil {
		return out
	}
	if v := b.latest(target.Key); v != nil && v.marker {
		out.marker, out.versionID, out.etag = true, string(v.id), emptyETag
	}
	return out
}
