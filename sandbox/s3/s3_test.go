package s3_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/steptrace/steptrace/sandbox/eventbridge"
	"github.com/steptrace/steptrace/sandbox/s3"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bus collects what S3 publishes.
type bus struct {
	mu     sync.Mutex
	events []eventbridge.Event
}

func (b *bus) publish(_ context.Context, event eventbridge.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, event)
}

// ofType gives the events' details and forgets all events.
func (b *bus) ofType(t *testing.T, detailType string) (out []map[string]any) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, event := range b.events {
		if event.DetailType == detailType {
			var detail map[string]any
			require.NoError(t, json.Unmarshal(event.Detail, &detail))
			out = append(out, detail)
		}
	}
	b.events = nil
	return out
}

type fixture struct {
	*client.Client
	bus *bus
	url string
	dir string
}

func start(t *testing.T) fixture {
	t.Helper()
	f := fixture{bus: &bus{}, dir: t.TempDir()}
	service, err := s3.New(s3.Config{
		Dir: f.dir, Region: "eu-west-1", AccountID: "123456789012", Clock: quartz.NewReal(),
		Logger: slog.New(slog.DiscardHandler), Publish: f.bus.publish,
	})
	require.NoError(t, err)
	endpoint := httptest.NewServer(service)
	t.Cleanup(func() {
		endpoint.Close()
		require.NoError(t, service.Close())
		left, err := os.ReadDir(f.dir)
		require.NoError(t, err)
		require.Empty(t, left, "Close removes the bodies")
	})
	f.url = endpoint.URL
	f.Client = client.New(client.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint.URL), HTTPClient: endpoint.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), RetryMaxAttempts: 1,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, // the defaults of a loaded config
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	})
	_, err = f.CreateBucket(t.Context(), &client.CreateBucketInput{
		Bucket: aws.String("images"), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	})
	require.NoError(t, err)
	return f
}

func (f fixture) put(t *testing.T, key, body string) *client.PutObjectOutput {
	t.Helper()
	out, err := f.PutObject(t.Context(), &client.PutObjectInput{
		Bucket: aws.String("images"), Key: &key, Body: strings.NewReader(body), ContentType: aws.String("text/plain"),
		Metadata: map[string]string{"colour": "blue"},
	})
	require.NoError(t, err)
	return out
}

func (f fixture) get(t *testing.T, in *client.GetObjectInput) (string, *client.GetObjectOutput) {
	t.Helper()
	in.Bucket = aws.String("images")
	out, err := f.GetObject(t.Context(), in)
	require.NoError(t, err)
	body, err := io.ReadAll(out.Body)
	require.NoError(t, err)
	require.NoError(t, out.Body.Close())
	return string(body), out
}

func code(t *testing.T, err error) string {
	t.Helper()
	var e smithy.APIError
	require.ErrorAs(t, err, &e)
	return e.ErrorCode()
}

func TestObjectRoundTrip(t *testing.T) {
	f := start(t)
	made := f.put(t, "a b/ü+1.txt", "hello, world")
	require.Equal(t, `"e4d7f1b4ed2e42d15898f4b27b019da4"`, *made.ETag)
	require.NotEmpty(t, made.ChecksumCRC32, "the SDK's default checksum is echoed")

	body, out := f.get(t, &client.GetObjectInput{Key: aws.String("a b/ü+1.txt")})
	require.Equal(t, "hello, world", body)
	require.Equal(t, "text/plain", *out.ContentType)
	require.Equal(t, int64(12), *out.ContentLength)
	require.Equal(t, map[string]string{"colour": "blue"}, out.Metadata)
	require.NotNil(t, out.ChecksumCRC32, "the SDK asked for it and has verified it")

	body, out = f.get(t, &client.GetObjectInput{Key: aws.String("a b/ü+1.txt"), Range: aws.String("bytes=7-11")})
	require.Equal(t, "world", body)
	require.Equal(t, "bytes 7-11/12", *out.ContentRange)

	head, err := f.HeadObject(t.Context(), &client.HeadObjectInput{Bucket: aws.String("images"), Key: aws.String("a b/ü+1.txt")})
	require.NoError(t, err)
	require.Equal(t, int64(12), *head.ContentLength)
	require.Equal(t, made.ETag, head.ETag)
}

func TestOverwriteForgetsTheOldObject(t *testing.T) {
	f := start(t)
	f.put(t, "k", "old")
	_, err := f.PutObject(t.Context(), &client.PutObjectInput{
		Bucket: aws.String("images"), Key: aws.String("k"), Body: strings.NewReader("new"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
	})
	require.NoError(t, err)
	body, out := f.get(t, &client.GetObjectInput{Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
	require.Equal(t, "new", body)
	require.Empty(t, out.Metadata)
	require.Nil(t, out.ChecksumCRC32)
	require.NotNil(t, out.ChecksumSHA256)
}

func TestErrors(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	_, err := f.GetObject(ctx, &client.GetObjectInput{Bucket: aws.String("images"), Key: aws.String("missing")})
	require.Equal(t, "NoSuchKey", code(t, err))
	require.ErrorContains(t, err, "The specified key does not exist.")
	_, err = f.GetObject(ctx, &client.GetObjectInput{Bucket: aws.String("missing"), Key: aws.String("missing")})
	require.Equal(t, "NoSuchBucket", code(t, err))
	_, err = f.HeadObject(ctx, &client.HeadObjectInput{Bucket: aws.String("images"), Key: aws.String("missing")})
	require.Equal(t, "NotFound", code(t, err))
	_, err = f.CreateBucket(ctx, &client.CreateBucketInput{Bucket: aws.String("images")})
	require.Equal(t, "BucketAlreadyOwnedByYou", code(t, err))
	_, err = f.GetBucketAcl(ctx, &client.GetBucketAclInput{Bucket: aws.String("images")})
	require.Equal(t, "UnknownOperationException", code(t, err))
	_, err = f.CopyObject(ctx, &client.CopyObjectInput{Bucket: aws.String("images"), Key: aws.String("x"), CopySource: aws.String("images/missing")})
	require.Equal(t, "NoSuchKey", code(t, err))
	f.put(t, "k", "v")
	_, err = f.DeleteBucket(ctx, &client.DeleteBucketInput{Bucket: aws.String("images")})
	require.Equal(t, "BucketNotEmpty", code(t, err))
	require.ErrorContains(t, err, "The bucket you tried to delete is not empty")
	_, err = f.GetObject(ctx, &client.GetObjectInput{Bucket: aws.String("images"), Key: aws.String("k"), Range: aws.String("bytes=9-")})
	require.Equal(t, "InvalidRange", code(t, err))
	_, err = f.PutObject(ctx, &client.PutObjectInput{
		Bucket: aws.String("images"), Key: aws.String("k"), Body: strings.NewReader("v"), IfNoneMatch: aws.String("*"),
	})
	require.Equal(t, "PreconditionFailed", code(t, err))
}

func TestEveryAnswerHasRequestIDs(t *testing.T) {
	f := start(t)
	for _, path := range []string{"/", "/images", "/images/missing", "/images?acl"} {
		response, err := http.Get(f.url + path)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Len(t, response.Header.Get("X-Amz-Request-Id"), 16, path)
		require.NotEmpty(t, response.Header.Get("X-Amz-Id-2"), path)
		if bytes.Contains(body, []byte("<Error>")) {
			require.Contains(t, string(body), "<RequestId>"+response.Header.Get("X-Amz-Request-Id")+"</RequestId>")
		}
		require.Equal(t, path == "/images/missing" || path == "/images?acl", bytes.Contains(body, []byte("<Error>")), path)
	}
}

func TestDeleteAndList(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	for _, key := range []string{"a/1", "a/2", "b/1", "c", "d"} {
		f.put(t, key, "x")
	}
	var keys, prefixes []string
	pages := client.NewListObjectsV2Paginator(f, &client.ListObjectsV2Input{
		Bucket: aws.String("images"), Delimiter: aws.String("/"), MaxKeys: aws.Int32(1),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		require.NoError(t, err)
		for _, object := range page.Contents {
			keys = append(keys, *object.Key)
		}
		for _, prefix := range page.CommonPrefixes {
			prefixes = append(prefixes, *prefix.Prefix)
		}
	}
	require.Equal(t, []string{"c", "d"}, keys)
	require.Equal(t, []string{"a/", "b/"}, prefixes)

	_, err := f.DeleteObject(ctx, &client.DeleteObjectInput{Bucket: aws.String("images"), Key: aws.String("a/1")})
	require.NoError(t, err)
	out, err := f.DeleteObjects(ctx, &client.DeleteObjectsInput{Bucket: aws.String("images"), Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: aws.String("c")}, {Key: aws.String("d")}},
	}})
	require.NoError(t, err)
	require.Len(t, out.Deleted, 2)
	list, err := f.ListObjectsV2(ctx, &client.ListObjectsV2Input{Bucket: aws.String("images"), Prefix: aws.String("a")})
	require.NoError(t, err)
	require.Len(t, list.Contents, 1)
	require.Equal(t, "a/2", *list.Contents[0].Key)
	require.Equal(t, int64(1), *list.Contents[0].Size)
}

func TestMultipart(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	notify(t, f)
	up, err := f.CreateMultipartUpload(ctx, &client.CreateMultipartUploadInput{Bucket: aws.String("images"), Key: aws.String("big")})
	require.NoError(t, err)
	large := bytes.Repeat([]byte("x"), 5<<20)
	parts := make([]types.CompletedPart, 0, 2)
	for i, body := range [][]byte{large, []byte("end")} {
		part, err := f.UploadPart(ctx, &client.UploadPartInput{
			Bucket: aws.String("images"), Key: aws.String("big"), UploadId: up.UploadId, PartNumber: aws.Int32(int32(i + 1)),
			Body: bytes.NewReader(body),
		})
		require.NoError(t, err)
		parts = append(parts, types.CompletedPart{ETag: part.ETag, PartNumber: aws.Int32(int32(i + 1))})
	}
	done, err := f.CompleteMultipartUpload(ctx, &client.CompleteMultipartUploadInput{
		Bucket: aws.String("images"), Key: aws.String("big"), UploadId: up.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	require.NoError(t, err)
	require.Regexp(t, `^"[0-9a-f]{32}-2"$`, *done.ETag)
	body, got := f.get(t, &client.GetObjectInput{Key: aws.String("big")})
	require.Equal(t, string(large)+"end", body)
	require.Equal(t, done.ETag, got.ETag)
	list, err := f.ListObjectsV2(ctx, &client.ListObjectsV2Input{Bucket: aws.String("images")})
	require.NoError(t, err)
	require.Equal(t, done.ETag, list.Contents[0].ETag)

	created := f.bus.ofType(t, "Object Created")
	require.Len(t, created, 1)
	copied, err := f.CopyObject(ctx, &client.CopyObjectInput{
		Bucket: aws.String("images"), Key: aws.String("copy"), CopySource: aws.String("images/big"),
	})
	require.NoError(t, err)
	require.NotContains(t, *copied.CopyObjectResult.ETag, "-")
	require.Equal(t, "CompleteMultipartUpload", created[0]["reason"])
	require.Equal(t, map[string]any{
		"key": "big", "size": float64(5<<20 + 3), "etag": strings.Trim(*done.ETag, `"`),
		"sequencer": created[0]["object"].(map[string]any)["sequencer"],
	}, created[0]["object"])
}

func TestCopy(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	f.put(t, "from", "body")
	_, err := f.CopyObject(ctx, &client.CopyObjectInput{
		Bucket: aws.String("images"), Key: aws.String("kept"), CopySource: aws.String("images/from"),
	})
	require.NoError(t, err)
	body, out := f.get(t, &client.GetObjectInput{Key: aws.String("kept")})
	require.Equal(t, "body", body)
	require.Equal(t, "text/plain", *out.ContentType)
	require.Equal(t, map[string]string{"colour": "blue"}, out.Metadata)

	_, err = f.CopyObject(ctx, &client.CopyObjectInput{
		Bucket: aws.String("images"), Key: aws.String("replaced"), CopySource: aws.String("/images/from"),
		MetadataDirective: types.MetadataDirectiveReplace, ContentType: aws.String("image/png"),
		Metadata: map[string]string{"size": "big"},
	})
	require.NoError(t, err)
	_, out = f.get(t, &client.GetObjectInput{Key: aws.String("replaced")})
	require.Equal(t, "image/png", *out.ContentType)
	require.Equal(t, map[string]string{"size": "big"}, out.Metadata)
}

func TestVersions(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	notify(t, f)
	_, err := f.PutBucketVersioning(ctx, &client.PutBucketVersioningInput{
		Bucket: aws.String("images"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	require.NoError(t, err)
	first, second := f.put(t, "k", "first"), f.put(t, "k", "second")
	body, _ := f.get(t, &client.GetObjectInput{Key: aws.String("k"), VersionId: first.VersionId})
	require.Equal(t, "first", body)
	head, err := f.HeadObject(ctx, &client.HeadObjectInput{
		Bucket: aws.String("images"), Key: aws.String("k"), VersionId: first.VersionId,
	})
	require.NoError(t, err)
	require.Equal(t, int64(5), *head.ContentLength)
	require.Len(t, f.bus.ofType(t, "Object Created"), 2)

	gone, err := f.DeleteObject(ctx, &client.DeleteObjectInput{Bucket: aws.String("images"), Key: aws.String("k")})
	require.NoError(t, err)
	require.True(t, *gone.DeleteMarker)
	deleted := f.bus.ofType(t, "Object Deleted")
	require.Len(t, deleted, 1)
	require.Equal(t, "Delete Marker Created", deleted[0]["deletion-type"])
	require.Equal(t, *gone.VersionId, deleted[0]["object"].(map[string]any)["version-id"])

	list, err := f.ListObjectVersions(ctx, &client.ListObjectVersionsInput{Bucket: aws.String("images")})
	require.NoError(t, err)
	require.Len(t, list.DeleteMarkers, 1)
	require.Equal(t, []string{*second.VersionId, *first.VersionId},
		[]string{*list.Versions[0].VersionId, *list.Versions[1].VersionId}, "newest first")

	_, err = f.DeleteObject(ctx, &client.DeleteObjectInput{
		Bucket: aws.String("images"), Key: aws.String("k"), VersionId: gone.VersionId,
	})
	require.NoError(t, err)
	body, _ = f.get(t, &client.GetObjectInput{Key: aws.String("k")})
	require.Equal(t, "second", body)
}

func TestStreamedBodies(t *testing.T) {
	f := start(t)
	// CRC32 of "hello, world" is ffab723a; the trailers are as the SDKs for Go, Java and Python send them.
	cases := []struct{ name, payload, body, code string }{
		{
			"unsigned with trailer", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
			"7\r\nhello, \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:/6tyOg==\r\n\r\n", "",
		},
		{
			"signed", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
			"c;chunk-signature=" + strings.Repeat("a", 64) + "\r\nhello, world\r\n0;chunk-signature=" + strings.Repeat("b", 64) + "\r\n\r\n", "",
		},
		{
			"signed with trailer", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
			"c;chunk-signature=aa\r\nhello, world\r\n0;chunk-signature=bb\r\nx-amz-checksum-crc32:/6tyOg==\r\nx-amz-trailer-signature:cc\r\n\r\n", "",
		},
		{
			"wrong checksum", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
			"c\r\nhello, world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest",
		},
		{"cut off", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "c\r\nhello, ", "InvalidRequest"},
		{"no chunk", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "hello, world", "InvalidRequest"},
		{"too short", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "7\r\nhello, \r\n0\r\n\r\n", "IncompleteBody"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			request, err := http.NewRequest(http.MethodPut, f.url+"/images/streamed", strings.NewReader(c.body))
			require.NoError(t, err)
			request.Header.Set("X-Amz-Content-Sha256", c.payload)
			request.Header.Set("Content-Encoding", "gzip,aws-chunked")
			request.Header.Set("X-Amz-Decoded-Content-Length", "12")
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			answer, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			if c.code != "" {
				require.Contains(t, string(answer), "<Code>"+c.code+"</Code>")
				return
			}
			require.Equal(t, http.StatusOK, response.StatusCode, string(answer))
			require.Equal(t, `"e4d7f1b4ed2e42d15898f4b27b019da4"`, response.Header.Get("ETag"))
			_, out := f.get(t, &client.GetObjectInput{Key: aws.String("streamed")})
			require.Equal(t, "gzip", *out.ContentEncoding)
		})
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestPresigned(t *testing.T) {
	f := start(t)
	f.put(t, "k", "v")
	signed, err := client.NewPresignClient(f.Client).PresignGetObject(t.Context(), &client.GetObjectInput{Bucket: aws.String("images"), Key: aws.String("k")})
	require.NoError(t, err)
	for _, url := range []string{signed.URL, f.url + "/images/k?AWSAccessKeyId=AKID&Signature=s&Expires=1"} {
		response, err := http.Get(url)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, "v", string(body))
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestHostStyle(t *testing.T) {
	f := start(t)
	f.put(t, "dir/k", "v")
	request, err := http.NewRequest(http.MethodGet, f.url+"/dir/k", nil)
	require.NoError(t, err)
	request.Host = "images.localhost:4566"
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "v", string(body))
	http.DefaultClient.CloseIdleConnections()
}

// TestConcurrentUse reads, overwrites, lists and deletes the same keys at once: every answer is whole or NoSuchKey.
func TestConcurrentUse(t *testing.T) {
	f := start(t)
	notify(t, f)
	ctx := t.Context()
	var all errgroup.Group
	for worker := range 8 {
		all.Go(func() error {
			key, body := "k"+strconv.Itoa(worker%3), strings.Repeat(strconv.Itoa(worker), 4096)
			for range 15 {
				if _, err := f.PutObject(ctx, &client.PutObjectInput{Bucket: aws.String("images"), Key: &key, Body: strings.NewReader(body)}); err != nil {
					return err
				}
				if err := readWhole(ctx, f, key); err != nil {
					return err
				}
				if _, err := f.ListObjectsV2(ctx, &client.ListObjectsV2Input{Bucket: aws.String("images")}); err != nil {
					return err
				}
				if _, err := f.DeleteObject(ctx, &client.DeleteObjectInput{Bucket: aws.String("images"), Key: &key}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, all.Wait())
	require.Len(t, f.bus.ofType(t, "Object Created"), 8*15)
}

func readWhole(ctx context.Context, f fixture, key string) error {
	out, err := f.GetObject(ctx, &client.GetObjectInput{Bucket: aws.String("images"), Key: &key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	body, err := io.ReadAll(out.Body)
	if whole := strings.Repeat(string(body[:min(1, len(body))]), 4096); err == nil && string(body) != whole {
		err = fmt.Errorf("read a mixture: %.20s…", body)
	}
	return errors.Join(err, out.Body.Close())
}

func TestDocumentsAreBounded(t *testing.T) {
	f := start(t)
	for _, query := range []string{"?notification", "?versioning"} {
		request, err := http.NewRequest(http.MethodPut, f.url+"/images"+query, strings.NewReader("<a>"+strings.Repeat(" ", 5<<20)+"</a>"))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue // the connection was cut while the body was still being sent
		}
		require.NoError(t, response.Body.Close())
		require.GreaterOrEqual(t, response.StatusCode, 400, query)
	}
	http.DefaultClient.CloseIdleConnections()
}
