package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/eventbridge"
)

// emptyETag is the ETag of a delete marker in events: the MD5 of nothing.
const emptyETag = "d41d8cd98f00b204e9800998ecf8427e"

// nativeDetail is the detail of S3's own events: "Object Created" and "Object Deleted".
// Source: Amazon S3 User Guide, "EventBridge event message structure".
type nativeDetail struct {
	Version         string       `json:"version"`
	Bucket          nativeBucket `json:"bucket"`
	Object          nativeObject `json:"object"`
	RequestID       string       `json:"request-id"`
	Requester       string       `json:"requester"`
	SourceIPAddress string       `json:"source-ip-address"`
	Reason          string       `json:"reason"`
	DeletionType    string       `json:"deletion-type,omitempty"`
}

type nativeBucket struct {
	Name string `json:"name"`
}

type nativeObject struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"etag,omitempty"`
	VersionID string `json:"version-id,omitempty"`
	Sequencer string `json:"sequencer"`
}

// trailDetail is a CloudTrail record of an S3 data event.
// Source: AWS CloudTrail User Guide, "CloudTrail record contents".
type trailDetail struct {
	EventVersion        string            `json:"eventVersion"`
	UserIdentity        userIdentity      `json:"userIdentity"`
	EventTime           string            `json:"eventTime"`
	EventSource         string            `json:"eventSource"`
	EventName           string            `json:"eventName"`
	AWSRegion           string            `json:"awsRegion"`
	SourceIPAddress     string            `json:"sourceIPAddress"`
	UserAgent           string            `json:"userAgent"`
	RequestParameters   map[string]string `json:"requestParameters"`
	ResponseElements    map[string]string `json:"responseElements"`
	AdditionalEventData map[string]any    `json:"additionalEventData"`
	RequestID           string            `json:"requestID"`
	EventID             string            `json:"eventID"`
	ReadOnly            bool              `json:"readOnly"`
	Resources           []trailResource   `json:"resources"`
	EventType           string            `json:"eventType"`
	ManagementEvent     bool              `json:"managementEvent"`
	RecipientAccountID  string            `json:"recipientAccountId"`
	EventCategory       string            `json:"eventCategory"`
}

type userIdentity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	AccessKeyID string `json:"accessKeyId"`
	UserName    string `json:"userName"`
}

type trailResource struct {
	AccountID string `json:"accountId,omitempty"`
	Type      string `json:"type"`
	ARN       string `json:"ARN"`
}

// request is what events tell about the call that caused them.
type request struct {
	call
	id, hostID  string
	sourceIP    string
	userAgent   string
	accessKeyID string
	host        string
	parameters  map[string]string // x-amz-* request headers that CloudTrail records
	bytesIn     int64
	at          time.Time
}

func describe(r *http.Request, c call, out *response, at time.Time) request {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	in := request{
		call: c, id: out.ids.Get("X-Amz-Request-Id"), hostID: out.ids.Get("X-Amz-Id-2"), sourceIP: ip,
		userAgent: r.UserAgent(), accessKeyID: accessKeyID(r), host: r.Host, at: at, bytesIn: max(r.ContentLength, 0),
		parameters: map[string]string{},
	}
	for _, name := range []string{"x-amz-acl", "x-amz-copy-source", "x-amz-storage-class"} {
		if value := r.Header.Get(name); value != "" {
			in.parameters[name] = value
		}
	}
	return in
}

// accessKeyID is the caller's, from "Credential=AKID/date/region/service/aws4_request" in header or query.
func accessKeyID(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if credential == "" {
		credential = r.URL.Query().Get("X-Amz-Credential")
	}
	id, _, _ := strings.Cut(credential, "/")
	return id
}

// change is what happened to one object.
type change struct {
	key       string
	created   bool
	size      int64
	etag      string // without quotes
	versionID string
	marker    bool // a delete marker was created
}

// native publishes S3's own event, which the bucket has to be configured for.
func (s *Service) native(ctx context.Context, in request, c change) {
	detail := nativeDetail{
		Version: "0", Bucket: nativeBucket{in.bucket}, RequestID: in.id, Requester: s.config.AccountID,
		SourceIPAddress: in.sourceIP, Reason: in.operation,
		Object: nativeObject{Key: c.key, ETag: c.etag, VersionID: c.versionID, Sequencer: s.sequencer()},
	}
	detailType := "Object Created"
	if c.created {
		detail.Object.Size = &c.size
	} else {
		detailType, detail.Reason, detail.DeletionType = "Object Deleted", "DeleteObject", "Permanently Deleted"
	}
	if c.marker {
		detail.DeletionType = "Delete Marker Created"
	}
	s.publish(ctx, detailType, in.at, detail, []string{"arn:aws:s3:::" + in.bucket})
}

// trail publishes the event "AWS API Call via CloudTrail" for the whole request.
func (s *Service) trail(ctx context.Context, in request, versionID string) {
	in.parameters["bucketName"], in.parameters["Host"] = in.bucket, in.host
	var elements map[string]string
	if versionID != "" {
		elements = map[string]string{"x-amz-version-id": versionID}
	}
	if in.key != "" {
		in.parameters["key"] = in.key
	}
	s.publish(ctx, "AWS API Call via CloudTrail", in.at, trailDetail{
		EventVersion: "1.09", UserIdentity: s.identity(in.accessKeyID), EventTime: eventbridge.FormatTime(in.at),
		EventSource: "s3.amazonaws.com", EventName: in.operation, AWSRegion: s.config.Region,
		SourceIPAddress: in.sourceIP, UserAgent: "[" + in.userAgent + "]",
		RequestParameters: in.parameters, ResponseElements: elements,
		AdditionalEventData: map[string]any{
			"SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader", "bytesTransferredIn": in.bytesIn,
			"x-amz-id-2": in.hostID,
		},
		RequestID: in.id, EventID: uuid.NewString(), Resources: s.resources(in), EventType: "AwsApiCall",
		RecipientAccountID: s.config.AccountID, EventCategory: "Data",
	}, []string{})
}

func (s *Service) identity(accessKeyID string) userIdentity {
	return userIdentity{
		Type: "IAMUser", PrincipalID: accessKeyID, AccountID: s.config.AccountID, AccessKeyID: accessKeyID,
		ARN: "arn:aws:iam::" + s.config.AccountID + ":user/sandbox", UserName: "sandbox",
	}
}

func (s *Service) resources(in request) []trailResource {
	bucket := "arn:aws:s3:::" + in.bucket
	out := []trailResource{{AccountID: s.config.AccountID, Type: "AWS::S3::Bucket", ARN: bucket}}
	if in.key != "" {
		out = append([]trailResource{{Type: "AWS::S3::Object", ARN: bucket + "/" + in.key}}, out...)
	}
	return out
}

func (s *Service) publish(ctx context.Context, detailType string, at time.Time, detail any, resources []string) {
	body, err := json.Marshal(detail)
	if err != nil {
		s.config.Logger.Error("S3: an event could not be encoded", "detail_type", detailType, "error", err)
		return
	}
	s.config.Publish(ctx, eventbridge.Event{
		DetailType: detailType, Source: "aws.s3", Time: eventbridge.FormatTime(at), Resources: resources, Detail: body,
	})
}

// sequencer orders the events of a key: hexadecimal, ever growing.
func (s *Service) sequencer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sequence = max(s.sequence+1, s.config.Clock.Now().UnixNano())
	return fmt.Sprintf("%018X", s.sequence)
}
