package s3

import (
	"net/http"
	"net/url"
	"strings"
)

// call is what a request asks for. Operation is S3's name for it, or empty when the sandbox does not have it.
type call struct {
	operation string
	bucket    string
	key       string
}

// route is one row of the REST API: the method, whether a key is in the path, and the subresource in the query.
type route struct {
	method      string
	object      bool
	subresource string
}

// operations is every S3 operation of the sandbox.
var operations = map[route]string{
	{http.MethodGet, false, ""}:             "ListObjects",
	{http.MethodGet, false, "list-type"}:    "ListObjectsV2",
	{http.MethodGet, false, "location"}:     "GetBucketLocation",
	{http.MethodGet, false, "notification"}: "GetBucketNotificationConfiguration",
	{http.MethodGet, false, "uploads"}:      "ListMultipartUploads",
	{http.MethodGet, false, "versioning"}:   "GetBucketVersioning",
	{http.MethodGet, false, "versions"}:     "ListObjectVersions",
	{http.MethodHead, false, ""}:            "HeadBucket",
	{http.MethodPut, false, ""}:             "CreateBucket",
	{http.MethodPut, false, "notification"}: "PutBucketNotificationConfiguration",
	{http.MethodPut, false, "versioning"}:   "PutBucketVersioning",
	{http.MethodDelete, false, ""}:          "DeleteBucket",
	{http.MethodPost, false, "delete"}:      "DeleteObjects",
	{http.MethodGet, true, ""}:              "GetObject",
	{http.MethodGet, true, "uploadId"}:      "ListParts",
	{http.MethodHead, true, ""}:             "HeadObject",
	{http.MethodPut, true, ""}:              "PutObject", // CopyObject with a copy source
	{http.MethodPut, true, "uploadId"}:      "UploadPart",
	{http.MethodDelete, true, ""}:           "DeleteObject",
	{http.MethodDelete, true, "uploadId"}:   "AbortMultipartUpload",
	{http.MethodPost, true, "uploads"}:      "CreateMultipartUpload",
	{http.MethodPost, true, "uploadId"}:     "CompleteMultipartUpload",
}

// plainParameters are query parameters that do not choose an operation.
var plainParameters = map[string]bool{
	"AWSAccessKeyId": true, "Expires": true, "Signature": true, // presigned the old way
	"continuation-token": true, "delimiter": true, "encoding-type": true, "fetch-owner": true, "key-marker": true,
	"marker": true, "max-keys": true, "max-parts": true, "max-uploads": true, "part-number-marker": true,
	"partNumber": true, "prefix": true, "start-after": true, "upload-id-marker": true, "version-id-marker": true,
	"versionId": true, "x-id": true,
}

// parse names the operation that a request asks for.
func parse(r *http.Request) call {
	bucket, key := path(r)
	c := call{bucket: bucket, key: key}
	if bucket == "" {
		if r.Method == http.MethodGet && subresource(r.URL.Query()) == "" {
			c.operation = "ListBuckets"
		}
		return c
	}
	c.operation = operations[route{r.Method, key != "", subresource(r.URL.Query())}]
	return copying(c, r.Header)
}

// copying tells the operations apart that only a header distinguishes; UploadPartCopy is not supported.
func copying(c call, header http.Header) call {
	if header.Get("X-Amz-Copy-Source") == "" {
		return c
	}
	switch c.operation {
	case "PutObject":
		c.operation = "CopyObject"
	case "UploadPart":
		c.operation = ""
	}
	return c
}

// path takes the bucket from the path, or from a host like "bucket.localhost:4566".
func path(r *http.Request) (bucket, key string) {
	p := strings.TrimPrefix(r.URL.Path, "/")
	host, _, _ := strings.Cut(r.Host, ":")
	if bucket, ok := strings.CutSuffix(host, ".localhost"); ok {
		return strings.TrimSuffix(bucket, ".s3"), p
	}
	bucket, key, _ = strings.Cut(p, "/")
	return bucket, key
}

// subresource is the query parameter that chooses the operation; several, or an unknown one, name none that exists.
func subresource(query url.Values) string {
	var found []string
	for name := range query {
		if !plainParameters[name] && !strings.HasPrefix(name, "X-Amz-") && !strings.HasPrefix(name, "response-") {
			found = append(found, name)
		}
	}
	return strings.Join(found, "&")
}
