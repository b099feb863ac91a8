package push_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/push"
	"github.com/steptrace/steptrace/agent/vendedlogs/spool"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const arn = "arn:aws:states:eu-west-1:123456789012:express:resize:run:a"

var epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

type world struct {
	handler *push.Handler
	in      *intake.Intake
	clock   *quartz.Mock
	spool   *spool.Spool
	sink    *vendedlogstest.Sink
	log     strings.Builder
}

func newWorld(t *testing.T) *world {
	w := &world{clock: quartz.NewMock(t), sink: vendedlogstest.NewSink()}
	w.clock.Set(epoch).MustWait(t.Context())
	logger := slog.New(slog.NewTextHandler(&w.log, nil))
	w.in = intake.New(vendedlogs.Limits{
		ReorderWindow: 30 * time.Second, ExpressSilence: 6 * time.Minute, StandardSilence: 24 * time.Hour,
		MaxExecutions: 1000, MaxBytes: 64 << 20, MaxRemembered: 1000,
	}, redact.Policy{}, intake.Parts{Traces: w.sink.Traces(), Logs: w.sink.Logs(), Clock: w.clock, Logger: logger})
	var err error
	w.spool, err = spool.Open(filepath.Join(t.TempDir(), "spool"), 1<<20)
	require.NoError(t, err)
	w.handler = push.New(push.Config{
		AccessKey: "key", MaxBytes: 1 << 16, MaxPlain: 1 << 17, Patience: time.Minute, AtOnce: 1,
	}, w.in, w.spool, w.clock, logger)
	w.handler.Open()
	t.Cleanup(func() { require.NoError(t, w.spool.Close()) })
	return w
}

func (w *world) post(change func(*http.Request), body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Firehose-Access-Key", "key")
	r.Header.Set("X-Amz-Firehose-Request-Id", "request")
	if change != nil {
		change(r)
	}
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	return answer
}

// firehose is a request of Firehose with the records.
func firehose(records ...[]byte) []byte {
	var texts []string
	for _, r := range records {
		texts = append(texts, `{"data":"`+base64.StdEncoding.EncodeToString(r)+`"}`)
	}
	return []byte(`{"requestId":"request","timestamp":1578090901599,"records":[` + strings.Join(texts, ",") + `]}`)
}

func zipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

var want = []string{"execution resize 20", "state Pass 0"}

func spans(s *vendedlogstest.Sink) []string { return slices.Sorted(maps.Values(s.Spans())) }

func TestRequestsThatAreTaken(t *testing.T) {
	lines := vendedlogstest.Lines(t, arn, vendedlogstest.Simple, epoch)
	one := vendedlogstest.Subscription(t, lines...)
	halves := firehose(vendedlogstest.Subscription(t, lines[2:]...), vendedlogstest.Subscription(t, lines[:2]...))
	control := zipped(t, []byte(`{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL"}]}`))
	cases := []struct {
		name   string
		body   []byte
		change func(*http.Request)
	}{
		{"Firehose", firehose(one), nil},
		{"several records", halves, nil},
		{"with a control message", firehose(control, one), nil},
		{"with a record that is none", firehose([]byte("hello"), one), nil},
		{"gzip around it", zipped(t, firehose(one)), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }},
		{
			"the event of a function", []byte(`{"awslogs":{"data":"` + base64.StdEncoding.EncodeToString(one) + `"}}`),
			func(r *http.Request) {
				r.Header.Del("X-Amz-Firehose-Access-Key")
				r.Header.Set("Authorization", "Bearer key")
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			answer := w.post(c.change, c.body)
			require.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
			require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
			require.JSONEq(t, fmt.Sprintf(`{"requestId":"request","timestamp":%d}`, epoch.UnixMilli()), answer.Body.String())
			require.Equal(t, want, spans(w.sink))
			require.Len(t, w.sink.Records(), 4)
			require.Equal(t, http.StatusOK, w.post(c.change, c.body).Code, "it may come again")
			require.Equal(t, 1, w.sink.Records()[arn+" 4"])
		})
	}
	w := newWorld(t)
	require.Equal(t, http.StatusOK, w.post(nil, firehose(control)).Code)
	require.Equal(t, http.StatusOK, w.post(nil, firehose()).Code)
}

func TestRequestsThatAreRefused(t *testing.T) {
	one := vendedlogstest.Subscription(t, vendedlogstest.Lines(t, arn, vendedlogstest.Simple, epoch)...)
	bomb := bytes.Repeat([]byte(" "), 1<<18)
	compressed := func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }
	cases := []struct {
		name   string
		status int
		want   string
		body   []byte
		change func(*http.Request)
	}{
		{"no key", 401, "missing or wrong", firehose(one), func(r *http.Request) { r.Header.Del("X-Amz-Firehose-Access-Key") }},
		{
			"wrong key", 401, "missing or wrong", firehose(one),
			func(r *http.Request) { r.Header.Set("X-Amz-Firehose-Access-Key", "keys") },
		},
		{"GET", 405, "is not POST", nil, func(r *http.Request) { r.Method = http.MethodGet }},
		{"not JSON", 400, "is not JSON", []byte("hello"), nil},
		{"other JSON", 400, `neither "records" nor "awslogs"`, []byte("{}"), nil},
		{"wrong shape", 400, "is not JSON as Firehose", []byte(`{"records":[1]}`), nil},
		{"no data", 400, `record 1: it has no "data"`, []byte(`{"records":[{}]}`), nil},
		{"not base64", 400, "record 1: it is not base64", []byte(`{"records":[{"data":"?"}]}`), nil},
		{"not gzip", 400, "the body is not gzip", firehose(one), compressed},
		{"half of it", 400, "the body is not gzip", zipped(t, firehose(one))[:40], compressed},
		{"other encoding", 400, "is not gzip", firehose(one), func(r *http.Request) { r.Header.Set("Content-Encoding", "br") }},
		{"large", 413, "too large", bomb, nil},
		{"a bomb around", 413, "too large", zipped(t, bomb), compressed},
		{"a bomb within", 413, "record 2: it is too large", firehose(one, zipped(t, bomb)), nil},
		{"bombs together", 413, "record 2", firehose(zipped(t, bomb[:1<<16+1]), zipped(t, bomb[:1<<16+1])), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			answer := w.post(c.change, c.body)
			require.Equal(t, c.status, answer.Code, answer.Body.String())
			var body struct {
				RequestID string `json:"requestId"`
				Timestamp int64  `json:"timestamp"`
				Error     string `json:"errorMessage"`
			}
			require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &body))
			require.Equal(t, "request", body.RequestID)
			require.Equal(t, epoch.UnixMilli(), body.Timestamp)
			require.Contains(t, body.Error, c.want)
			require.NotContains(t, answer.Body.String()+w.log.String(), `"key"`)
			require.Empty(t, w.sink.Records())
		})
	}
}

func TestTooManyRecordsAreRefused(t *testing.T) {
	w := newWorld(t)
	answer := w.post(nil, []byte(`{"records":[`+strings.Repeat("{},", 10_000)+`{}]}`))
	require.Equal(t, http.StatusRequestEntityTooLarge, answer.Code)
}

// waiting posts and returns when the request waits.
func (w *world) waiting(t *testing.T, body []byte) <-chan *httptest.ResponseRecorder {
	t.Helper()
	trap := w.clock.Trap().AfterFunc("vendedlogs", "push")
	defer trap.Close()
	done := make(chan *httptest.ResponseRecorder, 1)
	go func() { done <- w.post(nil, body) }()
	trap.MustWait(t.Context()).MustRelease(t.Context())
	return done
}

func TestLinesThatWaitAreOnDiskWhenTheAnswerComes(t *testing.T) {
	w := newWorld(t)
	lines := vendedlogstest.Lines(t, arn, vendedlogstest.Simple, epoch)
	require.Equal(t, http.StatusOK, w.post(nil, firehose(vendedlogstest.Subscription(t, lines[0], lines[2]))).Code)
	require.Equal(t, 1, w.in.Stats().Waiting)
	require.NoError(t, w.spool.Close())
	var kept []vendedlogs.Message
	require.NoError(t, w.spool.Replay(func(m []vendedlogs.Message) error {
		kept = append(kept, m...)
		return nil
	}))
	require.Len(t, kept, 2)
	require.Equal(t, lines[2].Text, kept[1].Text)
	require.Equal(t, epoch, kept[1].Arrived)
}

func TestRequestsBeyondThoseThatWaitAreAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.sink.Refuse(true)
	body := firehose(vendedlogstest.Subscription(t, vendedlogstest.Lines(t, arn, vendedlogstest.Simple, epoch)...))
	done := w.waiting(t, body)
	require.Equal(t, http.StatusServiceUnavailable, w.post(nil, firehose()).Code, "one at a time")
	w.sink.Refuse(false)
	require.Eventually(t, func() bool { return w.in.Stats().Lines == 4 }, 5*time.Second, time.Millisecond)
	require.NoError(t, w.in.Step(t.Context()))
	require.Equal(t, http.StatusOK, (<-done).Code)
	require.Equal(t, want, spans(w.sink))
}

func TestWhatCannotBeKeptIsAskedForAgain(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "gone")
	kept, err := spool.Open(dir, 1<<20)
	require.NoError(t, err)
	require.NoError(t, os.Remove(dir))
	h := push.New(push.Config{MaxBytes: 1 << 16, MaxPlain: 1 << 16, Patience: time.Minute, AtOnce: 1}, w.in, kept, w.clock,
		slog.New(slog.DiscardHandler))
	h.Open()
	answer := httptest.NewRecorder()
	body := firehose(vendedlogstest.Subscription(t, vendedlogstest.Lines(t, arn, vendedlogstest.Simple, epoch)...))
	h.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)))
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
	require.Contains(t, answer.Body.String(), "write spool")
	require.Empty(t, w.sink.Records())
}

func TestWhatIsNotAcceptedIsAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.sink.Refuse(true)
	body := firehose(vendedlogstest.Subscription(t, vendedlogstest.Lines(t, arn, vendedlogstest.Simple, epoch)...))
	done := w.waiting(t, body)
	w.clock.Advance(time.Minute).MustWait(t.Context())
	answer := <-done
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
	require.Contains(t, answer.Body.String(), "not all was accepted within 1m0s")
	w.sink.Refuse(false)
	require.Equal(t, http.StatusOK, w.post(nil, body).Code)
	require.Equal(t, want, spans(w.sink))
	require.Equal(t, 1, w.sink.Records()[arn+" 1"])
}

func FuzzRequest(f *testing.F) {
	f.Add(firehose([]byte("{}")))
	f.Add([]byte(`{"awslogs":{"data":"e30="}}`))
	f.Add(firehose(vendedlogstest.Subscription(f, vendedlogstest.Lines(f, arn, vendedlogstest.Simple, epoch)[0])))
	logger := slog.New(slog.DiscardHandler)
	kept, err := spool.Open(filepath.Join(f.TempDir(), "spool"), 1<<20)
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, kept.Close()) })
	f.Fuzz(func(t *testing.T, body []byte) {
		clock := quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
		sink := vendedlogstest.NewSink()
		in := intake.New(vendedlogs.Limits{MaxExecutions: 10, MaxBytes: 1 << 20, MaxRemembered: 10}, redact.Policy{},
			intake.Parts{Traces: sink.Traces(), Logs: sink.Logs(), Clock: clock, Logger: logger})
		h := push.New(push.Config{MaxBytes: 1 << 16, MaxPlain: 1 << 16, Patience: time.Minute, AtOnce: 1}, in, kept, clock, logger)
		h.Open()
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)))
		if code := answer.Code; code != 200 && code != 400 && code != 413 {
			t.Fatalf("%d %s", code, answer.Body)
		}
	})
}
