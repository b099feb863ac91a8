package demo_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/cmd/steptrace/demo"
	"github.com/steptrace/steptrace/image-workflow/samples"
)

// bucket is an S3 that tells of each object, and answers with the status.
func bucket(t *testing.T, status int) (aws.Config, <-chan string) {
	t.Helper()
	uploaded := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			t.Error(err)
		}
		uploaded <- r.URL.Path
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, uploaded
}

func TestTrickleUploadsOneAfterTheOther(t *testing.T) {
	config, uploaded := bucket(t, http.StatusOK)
	clock := quartz.NewMock(t)
	trap := clock.Trap().NewTicker("trickle")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	d := &demo.Demo{AWS: config, Bucket: "b.example", Clock: clock}
	two := []samples.Sample{{Name: "a.png", Data: []byte("a")}, {Name: "b.jpg", Data: []byte("b")}}
	go func() { ended <- d.Trickle(ctx, two, 5*time.Second) }()
	trap.MustWait(ctx).MustRelease(ctx)
	trap.Close()
	for _, want := range []string{"/b.example/000001-a.png", "/b.example/000002-b.jpg", "/b.example/000003-a.png"} {
		clock.Advance(5 * time.Second).MustWait(ctx)
		require.Equal(t, want, <-uploaded)
	}
	stop()
	require.NoError(t, <-ended)
}

func TestTrickleTellsWhatItCannotUpload(t *testing.T) {
	config, _ := bucket(t, http.StatusForbidden)
	clock := quartz.NewMock(t)
	trap := clock.Trap().NewTicker("trickle")
	ended := make(chan error)
	d := &demo.Demo{AWS: config, Bucket: "b.example", Clock: clock}
	go func() { ended <- d.Trickle(t.Context(), []samples.Sample{{Name: "a.png"}}, time.Second) }()
	trap.MustWait(t.Context()).MustRelease(t.Context())
	trap.Close()
	clock.Advance(time.Second)
	require.ErrorContains(t, <-ended, "upload 000001-a.png")
}
