package s3_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/eventbridge"
)

func notify(t *testing.T, f fixture) {
	t.Helper()
	_, err := f.PutBucketNotificationConfiguration(t.Context(), &client.PutBucketNotificationConfigurationInput{
		Bucket:                    aws.String("images"),
		NotificationConfiguration: &types.NotificationConfiguration{EventBridgeConfiguration: &types.EventBridgeConfiguration{}},
	})
	require.NoError(t, err)
}

func TestNotificationConfiguration(t *testing.T) {
	f := start(t)
	in := &client.GetBucketNotificationConfigurationInput{Bucket: aws.String("images")}
	out, err := f.GetBucketNotificationConfiguration(t.Context(), in)
	require.NoError(t, err)
	require.Nil(t, out.EventBridgeConfiguration)
	notify(t, f)
	out, err = f.GetBucketNotificationConfiguration(t.Context(), in)
	require.NoError(t, err)
	require.NotNil(t, out.EventBridgeConfiguration)

	_, err = f.PutBucketNotificationConfiguration(t.Context(), &client.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("images"), NotificationConfiguration: &types.NotificationConfiguration{
			QueueConfigurations: []types.QueueConfiguration{{QueueArn: aws.String("arn:aws:sqs:eu-west-1:1:q"), Events: []types.Event{types.EventS3ObjectCreatedPut}}},
		},
	})
	require.Equal(t, "InvalidArgument", code(t, err))
}

func TestNativeEventsOnlyWhereSwitchedOn(t *testing.T) {
	f := start(t)
	f.put(t, "k", "v")
	require.Empty(t, f.bus.ofType(t, "Object Created"))
	notify(t, f)
	made := f.put(t, "k", "v")
	require.Len(t, f.bus.ofType(t, "Object Created"), 1)
	require.NotNil(t, made.ETag)

	del := &client.DeleteObjectInput{Bucket: aws.String("images"), Key: aws.String("k")}
	for range 2 { // the second deletes nothing
		_, err := f.DeleteObject(t.Context(), del)
		require.NoError(t, err)
	}
	deleted := f.bus.ofType(t, "Object Deleted")
	require.Len(t, deleted, 1)
	require.Equal(t, "Permanently Deleted", deleted[0]["deletion-type"])
}

// TestEventsLookLikeRecordedOnes compares the names and types of members with events of AWS.
func TestEventsLookLikeRecordedOnes(t *testing.T) {
	folder := recordings(t)
	f := start(t)
	notify(t, f)
	_, err := f.PutBucketVersioning(t.Context(), &client.PutBucketVersioningInput{
		Bucket: aws.String("images"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	require.NoError(t, err)
	made := f.put(t, "k", "hello")
	_, err = f.DeleteObject(t.Context(), &client.DeleteObjectInput{Bucket: aws.String("images"), Key: aws.String("k")})
	require.NoError(t, err)

	cases := []struct {
		file, detailType string
		leave            []string // members of the sample that depend on its caller (console, presigned URL)
		more             bool     // newer CloudTrail records have more members than the sample
	}{
		{"s3_eventbridge_object_created_putobject_docs.json", "Object Created", nil, false},
		{"s3EventBridgeNotificationObjectCreatedEvent_powertools.json", "Object Created", nil, true},
		{"s3_eventbridge_object_deleted_deleteobject_docs.json", "Object Deleted", nil, false},
		{"s3_put_object_via_cloudtrail_docs.json", "AWS API Call via CloudTrail", []string{
			"detail.userIdentity.sessionContext", "detail.userIdentity.invokedBy", "detail.responseElements",
			"detail.requestParameters.X-Amz-Date", "detail.requestParameters.x-amz-acl",
			"detail.requestParameters.X-Amz-Algorithm", "detail.requestParameters.X-Amz-SignedHeaders",
			"detail.requestParameters.X-Amz-Expires", "detail.requestParameters.x-amz-storage-class",
		}, true},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			sample := readJSON(t, filepath.Join(folder, "events", c.file))
			i := slices.IndexFunc(f.bus.events, func(e eventbridge.Event) bool { return e.DetailType == c.detailType })
			require.GreaterOrEqual(t, i, 0)
			event := f.bus.events[i]
			text, err := json.Marshal(event)
			require.NoError(t, err)
			var ours any
			require.NoError(t, json.Unmarshal(text, &ours))
			sameShape(t, "", sample, ours, c.leave, c.more)
		})
	}
	trail := f.bus.ofType(t, "AWS API Call via CloudTrail")
	require.Len(t, trail, 2)
	require.Equal(t, "PutObject", trail[0]["eventName"])
	require.Equal(t, map[string]any{"x-amz-version-id": *made.VersionId}, trail[0]["responseElements"])
	require.Equal(t, "DeleteObject", trail[1]["eventName"])
}

func recordings(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("STEPTRACE_RECORDINGS")
	if folder == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	require.DirExists(t, folder)
	return folder
}

func readJSON(t *testing.T, path string) (out any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}

func sameShape(t *testing.T, path string, sample, ours any, leave []string, more bool) {
	t.Helper()
	switch sample := sample.(type) {
	case map[string]any:
		object, ok := ours.(map[string]any)
		require.Truef(t, ok, "%s is not an object", path)
		for name, value := range sample {
			inner := join(path, name)
			if slices.Contains(leave, inner) {
				continue
			}
			require.Containsf(t, object, name, "%s is missing", inner)
			sameShape(t, inner, value, object[name], leave, more)
		}
		for name := range object {
			require.Truef(t, more || sample[name] != nil, "%s is not in the sample", join(path, name))
		}
	case []any:
		list, ok := ours.([]any)
		require.Truef(t, ok, "%s is not an array", path)
		require.GreaterOrEqualf(t, len(list), len(sample), "%s", path)
		for i := range sample {
			sameShape(t, path+"[]", sample[i], list[i], leave, more)
		}
	default:
		require.IsTypef(t, sample, ours, "%s", path)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
