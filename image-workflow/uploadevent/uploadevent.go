// Package uploadevent reads which S3 object an EventBridge event is about.
package uploadevent

import (
	"errors"
	"fmt"
)

// Event is an EventBridge event about an upload, in either of two shapes: "Object Created" from S3 itself, or "AWS API
// Call via CloudTrail". Both give the key as it is; S3's own notifications to Lambda, which encode it, are another
// shape and not taken.
type Event struct {
	DetailType string `json:"detail-type"`
	Detail     Detail `json:"detail"`
}

// Detail has the members of both shapes.
type Detail struct {
	Bucket struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object struct {
		Key string `json:"key"`
	} `json:"object"`
	EventName         string `json:"eventName"` // of the API call: PutObject, CompleteMultipartUpload, …
	RequestParameters struct {
		BucketName string `json:"bucketName"`
		Key        string `json:"key"`
	} `json:"requestParameters"`
}

// ErrNoObject is returned for an event that names no object.
var ErrNoObject = errors.New("the event names no S3 object: neither detail.bucket.name and detail.object.key " +
	"(Object Created) nor detail.requestParameters.bucketName and .key (AWS API Call via CloudTrail)")

// Object returns the bucket and the key of the uploaded object.
func (e Event) Object() (bucket, key string, err error) {
	d := e.Detail
	switch {
	case d.Bucket.Name != "" && d.Object.Key != "":
		return d.Bucket.Name, d.Object.Key, nil
	case d.RequestParameters.BucketName != "" && d.RequestParameters.Key != "":
		return d.RequestParameters.BucketName, d.RequestParameters.Key, nil
	default:
		return "", "", fmt.Errorf("event of type %q: %w", e.DetailType, ErrNoObject)
	}
}
