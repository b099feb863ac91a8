// Package s3 is the sandbox's S3: the REST API by the library gofakes3 over a store of its own (bodies on disk,
// versions), with what today's SDKs need besides: aws-chunked bodies with trailers, checksums and notification of
// EventBridge.
package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/quartz"
	"github.com/johannesboyne/gofakes3"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/eventbridge"
)

// Config of the service; all fields are required.
type Config struct {
	Dir       string // an existing folder; object bodies live in a folder of their own below it, until Close
	Region    string
	AccountID string
	Clock     quartz.Clock
	Logger    *slog.Logger
	Publish   eventbridge.Publisher
}

// Service is an S3 endpoint: path-style, or bucket.localhost.
type Service struct {
	config  Config
	store   *store
	library http.Handler

	mu          sync.Mutex
	eventBridge map[string]bool // buckets with EventBridge notification on
	sequence    int64
}

// New makes an empty S3.
func New(config Config) (*Service, error) {
	dir, err := os.MkdirTemp(config.Dir, "s3-objects-")
	if err != nil {
		return nil, fmt.Errorf("S3 needs a writable folder for objects: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("S3 needs a readable folder for objects: %w", err)
	}
	backend := newStore(root, config.Clock, config.Logger)
	library := gofakes3.New(backend,
		gofakes3.WithTimeSource(timeSource{config.Clock}),
		gofakes3.WithTimeSkewLimit(0), // the clock may be a test's
		gofakes3.WithLogger(libraryLog{config.Logger}))
	return &Service{config: config, store: backend, library: library.Server(), eventBridge: map[string]bool{}}, nil
}

// Close removes the object bodies.
func (s *Service) Close() error {
	return errors.Join(s.store.root.Close(), os.RemoveAll(s.store.root.Name()))
}

// Operation is the S3 name of what a request asks for; empty when the sandbox does not have it.
func Operation(r *http.Request) string { return parse(r).operation }

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := newResponse(w, r)
	if err := s.serve(out, r, parse(r)); err != nil {
		WriteError(out, r, err)
	}
}

func (s *Service) serve(w *response, r *http.Request, c call) error {
	if c.operation != "PutObject" && c.operation != "UploadPart" {
		r.Body = http.MaxBytesReader(w, r.Body, maxDocument)
	}
	switch c.operation {
	case "":
		return awswire.UnknownOperation("S3 " + r.Method + " " + r.URL.RequestURI())
	case "GetBucketLocation", "GetBucketNotificationConfiguration", "PutBucketNotificationConfiguration":
		return s.serveBucket(w, r, c)
	case "CreateBucket":
		return s.createBucket(w, r, c)
	case "PutObject", "CopyObject", "CompleteMultipartUpload":
		return s.create(w, r, c)
	case "UploadPart":
		if err := plainBody(r); err != nil {
			return err
		}
	case "CreateMultipartUpload":
		metadata(r.Header)
	case "DeleteObject", "DeleteObjects":
		return s.remove(w, r, c)
	}
	s.forward(w, r, c)
	return nil
}

// forward hands the request to the library, with the bucket in the path however it was addressed.
func (s *Service) forward(w *response, r *http.Request, c call) {
	r.URL.Path = "/" + c.bucket
	if c.key != "" {
		r.URL.Path += "/" + c.key
	}
	r.URL.RawPath = ""
	original := r
	if c.operation == "HeadObject" && r.URL.Query().Get("versionId") != "" {
		r = r.Clone(r.Context())
		r.Method = http.MethodGet // the library's HEAD knows only the latest version; net/http drops the body
	}
	w.library = true
	s.library.ServeHTTP(w, r)
	w.release(original)
	w.WriteHeader(http.StatusOK) // unless the library has answered: it leaves empty answers to net/http
	if c.operation == "DeleteBucket" && w.succeeded() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.eventBridge, c.bucket)
	}
}

func (s *Service) serveBucket(w *response, r *http.Request, c call) error {
	if exists, _ := s.store.BucketExists(c.bucket); !exists {
		return noSuchBucket
	}
	switch c.operation {
	case "PutBucketNotificationConfiguration":
		return s.putNotification(w, r, c.bucket)
	case "GetBucketNotificationConfiguration":
		s.getNotification(w, c.bucket)
	default:
		writeXML(w, http.StatusOK, location{Xmlns: namespace, Region: s.config.Region})
	}
	return nil
}

type location struct {
	XMLName xml.Name `xml:"LocationConstraint"`
	Xmlns   string   `xml:"xmlns,attr"`
	Region  string   `xml:",chardata"`
}

func (s *Service) createBucket(w *response, r *http.Request, c call) error {
	if exists, _ := s.store.BucketExists(c.bucket); exists {
		return &awswire.Error{
			Code: "BucketAlreadyOwnedByYou", Status: http.StatusConflict,
			Message: "Your previous request to create the named bucket succeeded and you already own it.",
		}
	}
	s.forward(w, r, c)
	return nil
}

var (
	noSuchBucket = &awswire.Error{
		Code: "NoSuchBucket", Status: http.StatusNotFound,
		Message: "The specified bucket does not exist",
	}
	noSuchKey = &awswire.Error{
		Code: "NoSuchKey", Status: http.StatusNotFound,
		Message: "The specified key does not exist.",
	}
)

// GetObject reads an object for another service of the sandbox, at most limit bytes. versionID may be empty.
// Errors: NoSuchBucket, NoSuchKey, NoSuchVersion, EntityTooLarge.
func (s *Service) GetObject(bucket, key, versionID string, limit int64) ([]byte, error) {
	object, err := s.store.GetObjectVersion(bucket, key, gofakes3.VersionID(versionID), nil)
	if err != nil {
		return nil, asError(err)
	}
	defer func() { _ = object.Contents.Close() }()
	if object.IsDeleteMarker {
		return nil, noSuchKey
	}
	if object.Size > limit {
		return nil, awswire.Errorf("EntityTooLarge", "the object is %d bytes, more than %d", object.Size, limit)
	}
	return io.ReadAll(object.Contents)
}

// asError turns the library's errors into the sandbox's.
func asError(err error) error {
	var e gofakes3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.ErrorCode() {
	case gofakes3.ErrNoSuchBucket:
		return noSuchBucket
	case gofakes3.ErrNoSuchKey:
		return noSuchKey
	default:
	}
	return &awswire.Error{Code: string(e.ErrorCode()), Message: e.Error(), Status: e.ErrorCode().Status()}
}

type timeSource struct{ quartz.Clock }

func (t timeSource) Now() time.Time                   { return t.Clock.Now() }
func (t timeSource) Since(at time.Time) time.Duration { return t.Clock.Since(at) }

// libraryLog passes the library's errors on; the rest of what it says repeats the requests. A client that has gone
// away, as one does that wants the first bytes of an object only, is no error.
type libraryLog struct{ logger *slog.Logger }

func (l libraryLog) Print(level gofakes3.LogLevel, v ...any) {
	if level != gofakes3.LogErr {
		return
	}
	as := slog.LevelError
	if slices.ContainsFunc(v, isGone) {
		as = slog.LevelDebug
	}
	l.logger.Log(context.Background(), as, "S3: "+strings.TrimSpace(fmt.Sprintln(v...)))
}

// isGone reports whether what the library logs is that the client has closed its connection.
func isGone(v any) bool {
	err, ok := v.(error)
	return ok && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET))
}
