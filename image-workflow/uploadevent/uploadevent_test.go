package uploadevent_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/uploadevent"
)

func TestObject(t *testing.T) {
	for _, tc := range []struct{ name, event, bucket, key string }{
		{
			"from S3", `{"detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":{"key":"a/b.png","size":5}}}`,
			"b", "a/b.png",
		},
		{
			"from CloudTrail", `{"detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"PutObject",
				"requestParameters":{"bucketName":"b","key":"a.png","x-amz-acl":"private"},
				"responseElements":null,"resources":[{"type":"AWS::S3::Object"}]}}`,
			"b", "a.png",
		},
		{
			"keys are taken as they are", `{"detail":{"bucket":{"name":"b"},"object":{"key":"50%25 + ünï code.png"}}}`,
			"b", "50%25 + ünï code.png",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bucket, key, err := decode(t, tc.event).Object()
			require.NoError(t, err)
			require.Equal(t, [2]string{tc.bucket, tc.key}, [2]string{bucket, key})
		})
	}
}

func TestEventsWithoutAnObject(t *testing.T) {
	for _, event := range []string{
		`{}`, `{"detail":{"bucket":{"name":"b"},"object":{}}}`, `{"detail":{"requestParameters":{"bucketName":"b"}}}`,
		`{"detail-type":"Scheduled Event","detail":{}}`,
	} {
		_, _, err := decode(t, event).Object()
		require.ErrorIs(t, err, uploadevent.ErrNoObject)
	}
	_, _, err := decode(t, `{"detail-type":"Scheduled Event"}`).Object()
	require.ErrorContains(t, err, `event of type "Scheduled Event"`)
}

func TestRecordedEvents(t *testing.T) {
	folder := os.Getenv("STEPTRACE_RECORDINGS")
	if folder == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	for file, want := range map[string][2]string{
		"s3_eventbridge_object_created_putobject_docs.json": {"DOC-EXAMPLE-BUCKET1", "example-key"},
		"s3_put_object_via_cloudtrail_docs.json":            {"username-sfn-tutorial", "test.png"},
	} {
		text, err := os.ReadFile(filepath.Join(folder, "events", file))
		require.NoError(t, err)
		bucket, key, err := decode(t, string(text)).Object()
		require.NoError(t, err)
		require.Equal(t, want, [2]string{bucket, key})
	}
}

func decode(t *testing.T, text string) uploadevent.Event {
	t.Helper()
	var e uploadevent.Event
	require.NoError(t, json.Unmarshal([]byte(text), &e))
	return e
}
