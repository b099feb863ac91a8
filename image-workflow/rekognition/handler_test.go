package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/uploadevent"
)

// fakeAWS answers operations by X-Amz-Target; one that fails answers 400 with its own text.
type fakeAWS struct {
	answers map[string]string
	fails   string
	updates []map[string]any
	images  []any
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in) // what is no JSON is missed by the assertions
	target := r.Header.Get("X-Amz-Target")
	if target == "DynamoDB_20120810.UpdateItem" {
		f.updates = append(f.updates, in)
	} else {
		f.images = append(f.images, in["Image"])
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if target == f.fails {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, f.answers[target])
}

const (
	detectFaces  = "RekognitionService.DetectFaces"
	detectLabels = "RekognitionService.DetectLabels"
	updateItem   = "DynamoDB_20120810.UpdateItem"
)

func answers() map[string]string {
	return map[string]string{
		detectFaces: `{"FaceDetails":[{"BoundingBox":{"Width":0.25,"Height":0.3333333,"Left":0.1,"Top":0},
			"Confidence":99.98762,"Landmarks":[{"Type":"eyeLeft","X":0.5,"Y":0.25}]}]}`,
		detectLabels: `{"Labels":[{"Name":"Dog","Confidence":98.5,"Instances":[],"Parents":[{"Name":"Animal"}]}],
			"LabelModelVersion":"3.0"}`,
		updateItem: `{}`,
	}
}

// deployed configures the handler as Lambda does: by the environment.
func deployed(t *testing.T, f *fakeAWS) *handler {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID",
		"AWS_SECRET_ACCESS_KEY": "secret", "AWS_MAX_ATTEMPTS": "1", "TABLE_NAME": "images",
	} {
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	h, err := newHandler(cfg)
	require.NoError(t, err)
	return h
}

func upload(t *testing.T) uploadevent.Event {
	t.Helper()
	var e uploadevent.Event
	require.NoError(t, json.Unmarshal([]byte(
		`{"detail":{"eventName":"PutObject","requestParameters":{"bucketName":"uploads","key":"my photo+1.png"}}}`), &e))
	return e
}

func TestFacesAndLabelsAreStoredAndFacesReturned(t *testing.T) {
	aws := &fakeAWS{answers: answers()}
	got, err := deployed(t, aws).handle(t.Context(), upload(t))
	require.NoError(t, err)
	require.JSONEq(t, `[{"BoundingBox":{"Width":0.25,"Height":0.3333333,"Left":0.1,"Top":0},"Confidence":99.98762,
		"Landmarks":[{"Type":"eyeLeft","X":0.5,"Y":0.25}]}]`, string(got))
	image := map[string]any{"S3Object": map[string]any{"Bucket": "uploads", "Name": "my photo+1.png"}}
	require.Equal(t, []any{image, image}, aws.images)
	require.Len(t, aws.updates, 1)
	text, err := json.Marshal(aws.updates[0])
	require.NoError(t, err)
	require.JSONEq(t, `{
		"TableName": "images", "Key": {"filename": {"S": "my photo+1.png"}},
		"UpdateExpression": "set labelData = :label, faceData = :face",
		"ExpressionAttributeValues": {
			":label": {"L": [{"M": {"Name": {"S": "Dog"}, "Confidence": {"N": "98.5"}, "Instances": {"L": []},
				"Parents": {"L": [{"M": {"Name": {"S": "Animal"}}}]}}}]},
			":face": {"L": [{"M": {
				"BoundingBox": {"M": {
					"Width": {"N": "0.25"}, "Height": {"N": "0.3333333"}, "Left": {"N": "0.1"}, "Top": {"N": "0"}
				}},
				"Confidence": {"N": "99.98762"},
				"Landmarks": {"L": [{"M": {"Type": {"S": "eyeLeft"}, "X": {"N": "0.5"}, "Y": {"N": "0.25"}}}]}
			}}]}
		}
	}`, string(text))
}

func TestAnImageWithoutFacesStoresEmptyLists(t *testing.T) {
	aws := &fakeAWS{answers: map[string]string{detectFaces: `{}`, detectLabels: `{"Labels":[]}`, updateItem: `{}`}}
	got, err := deployed(t, aws).handle(t.Context(), upload(t))
	require.NoError(t, err)
	require.Equal(t, `[]`, string(got))
	empty := map[string]any{"L": []any{}}
	require.Equal(t, map[string]any{":label": empty, ":face": empty}, aws.updates[0]["ExpressionAttributeValues"])
}

func TestFailuresSayWhatAndWhere(t *testing.T) {
	for target, want := range map[string]string{
		detectFaces:  "detect faces in s3://uploads/my photo+1.png: operation error Rekognition: DetectFaces",
		detectLabels: "detect labels in s3://uploads/my photo+1.png: operation error Rekognition: DetectLabels",
		updateItem:   "store faces and labels of my photo+1.png in table images: operation error DynamoDB: UpdateItem",
	} {
		f := &fakeAWS{answers: answers(), fails: target}
		f.answers[target] = `{"__type":"InvalidImageFormatException","message":"Request has invalid image format"}`
		_, err := deployed(t, f).handle(t.Context(), upload(t))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "Request has invalid image format")
	}
	_, err := deployed(t, &fakeAWS{}).handle(t.Context(), uploadevent.Event{})
	require.ErrorIs(t, err, uploadevent.ErrNoObject)
}

func TestATableIsNeeded(t *testing.T) {
	t.Setenv("TABLE_NAME", "")
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	_, err = newHandler(cfg)
	require.ErrorContains(t, err, "TABLE_NAME is empty")
}

func TestAttributeKinds(t *testing.T) {
	text, value, err := toAttribute([]any{"s", true})
	require.NoError(t, err)
	require.Equal(t, `["s",true]`, string(text))
	require.Equal(t, &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberS{Value: "s"}, &types.AttributeValueMemberBOOL{Value: true},
	}}, value)
	_, value, err = toAttribute([]any{map[string]any{"gone": nil, "empty": "", "n": 1e-7}})
	require.NoError(t, err)
	require.Equal(t, &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"n": &types.AttributeValueMemberN{Value: "1e-7"},
		}},
	}}, value)
	_, _, err = toAttribute([]any{nil})
	require.ErrorContains(t, err, "a DynamoDB value cannot be made of <nil>")
}
