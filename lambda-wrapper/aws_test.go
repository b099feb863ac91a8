package wrapper

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	rekognitiontypes "github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// reply is one HTTP answer of the fake AWS; answers are given in order.
type reply struct {
	status int
	header map[string]string
	body   string
}

// callAWS invokes a traced function that makes one call through an instrumented client against the given answers. It
// returns the span of the call.
func callAWS(t *testing.T, replies []reply, do func(context.Context, aws.Config)) gotSpan {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		next := replies[0]
		replies = replies[1:]
		for k, v := range next.header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(next.status)
		_, _ = io.WriteString(w, next.body)
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.AddWithMaxBackoffDelay(retry.NewStandard(), 1) // nanoseconds
		},
	}
	InstrumentAWS(&cfg)
	h, m, _ := traced(t, func(ctx context.Context) { do(ctx, cfg) })
	_, err := h.Invoke(lambdaContext(), []byte(`{}`))
	require.NoError(t, err)
	require.Empty(t, replies, "every answer was asked for")
	require.Len(t, m.received(), 2)
	call, invocation := m.received()[0], m.received()[1]
	require.Equal(t, invocation.id, call.parent)
	return call
}

func callOf(service, method string, status int, more map[string]any) map[string]any {
	attributes := map[string]any{
		"steptrace.kind": "call", "rpc.system": "aws-api", "rpc.service": service, "rpc.method": method,
		"cloud.region": "eu-west-1", "server.address": "127.0.0.1", "http.response.status_code": int64(status),
	}
	for k, v := range more {
		attributes[k] = v
	}
	return attributes
}

func TestCallSpans(t *testing.T) {
	for _, tc := range []struct {
		name    string
		replies []reply
		do      func(context.Context, aws.Config)
		want    gotSpan
	}{
		{
			"S3 GetObject",
			[]reply{{200, map[string]string{
				"ETag": `"9b2cf535f27731c974343645a3985328"`, "X-Amz-Version-Id": "v1", "X-Amz-Request-Id": "S3REQUEST",
				"X-Amz-Id-2": "host", "Content-Type": "image/png",
			}, "12345"}},
			getObject,
			gotSpan{Name: "S3.GetObject", Attributes: callOf("S3", "GetObject", 200, map[string]any{
				"aws.s3.bucket": "uploads", "aws.s3.key": "ein bild.png", "aws.s3.etag": "9b2cf535f27731c974343645a3985328",
				"aws.s3.version_id": "v1", "aws.s3.object.size": int64(5),
				"aws.request_id": "S3REQUEST", "aws.extended_request_id": "host",
			})},
		},
		{
			"S3 error",
			[]reply{{
				404,
				map[string]string{"X-Amz-Request-Id": "S3REQUEST", "X-Amz-Id-2": "host"},
				`<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>`,
			}},
			getObject,
			gotSpan{
				Name: "S3.GetObject",
				Status: "ERROR: https response error StatusCode: 404, RequestID: S3REQUEST, HostID: host, NoSuchKey: " +
					"The specified key does not exist.",
				Attributes: callOf("S3", "GetObject", 404, map[string]any{
					"aws.s3.bucket": "uploads", "aws.s3.key": "ein bild.png", "error.type": "NoSuchKey",
					"aws.request_id": "S3REQUEST", "aws.extended_request_id": "host",
				}),
			},
		},
		{
			"DynamoDB PutItem, throttled once",
			[]reply{
				{400, map[string]string{"X-Amzn-RequestId": "D1"}, `{"__type":"com.amazonaws.dynamodb.v20120810#` +
					`ProvisionedThroughputExceededException","message":"slow down"}`},
				{200, map[string]string{"X-Amzn-RequestId": "D2"}, `{}`},
			},
			putItem,
			gotSpan{
				Name: "DynamoDB.PutItem",
				Attributes: callOf("DynamoDB", "PutItem", 200, map[string]any{
					"aws.dynamodb.table_names": []any{"images"}, "db.system.name": "aws.dynamodb",
					"aws.request_id": "D2", "http.request.resend_count": int64(1),
				}),
				Events: []gotEvent{{"throttle", map[string]any{
					"error.type": "ProvisionedThroughputExceededException",
				}}, {"retry", map[string]any{
					"http.request.resend_count": int64(1), "error.type": "ProvisionedThroughputExceededException",
					"exception.message": "https response error StatusCode: 400, RequestID: D1, " +
						"ProvisionedThroughputExceededException: slow down",
				}}},
			},
		},
		{
			"DynamoDB BatchGetItem",
			[]reply{{200, nil, `{}`}},
			func(ctx context.Context, cfg aws.Config) {
				keys := dynamotypes.KeysAndAttributes{Keys: []map[string]dynamotypes.AttributeValue{{}}}
				_, _ = dynamodb.NewFromConfig(cfg).BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
					RequestItems: map[string]dynamotypes.KeysAndAttributes{"images": keys, "albums": keys},
				})
			},
			gotSpan{Name: "DynamoDB.BatchGetItem", Attributes: callOf("DynamoDB", "BatchGetItem", 200, map[string]any{
				"aws.dynamodb.table_names": []any{"albums", "images"}, "db.system.name": "aws.dynamodb",
			})},
		},
		{
			"DynamoDB Query",
			[]reply{{200, nil, `{"Count":2,"ScannedCount":9,"Items":[]}`}},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = dynamodb.NewFromConfig(cfg).Query(ctx, &dynamodb.QueryInput{TableName: aws.String("images")})
			},
			gotSpan{Name: "DynamoDB.Query", Attributes: callOf("DynamoDB", "Query", 200, map[string]any{
				"aws.dynamodb.table_names": []any{"images"}, "db.system.name": "aws.dynamodb",
				"aws.dynamodb.count": int64(2), "aws.dynamodb.scanned_count": int64(9),
			})},
		},
		{
			"Rekognition DetectFaces of an object",
			[]reply{{200, nil, `{"FaceDetails":[{"Confidence":99.5},{"Confidence":98}]}`}},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = rekognition.NewFromConfig(cfg).DetectFaces(ctx, &rekognition.DetectFacesInput{
					Image: &rekognitiontypes.Image{S3Object: &rekognitiontypes.S3Object{
						Bucket: aws.String("uploads"), Name: aws.String("ein bild.png"), Version: aws.String("v1"),
					}},
				})
			},
			gotSpan{Name: "Rekognition.DetectFaces", Attributes: callOf("Rekognition", "DetectFaces", 200, map[string]any{
				"aws.s3.bucket": "uploads", "aws.s3.key": "ein bild.png", "aws.s3.version_id": "v1",
				"aws.rekognition.face_count": int64(2),
			})},
		},
		{
			"Rekognition DetectLabels of bytes",
			[]reply{{200, nil, `{"Labels":[{"Name":"Dog"}],"LabelModelVersion":"3.0"}`}},
			func(ctx context.Context, cfg aws.Config) {
				_, _ = rekognition.NewFromConfig(cfg).DetectLabels(ctx, &rekognition.DetectLabelsInput{
					Image: &rekognitiontypes.Image{Bytes: []byte("PNG")},
				})
			},
			gotSpan{Name: "Rekognition.DetectLabels", Attributes: callOf("Rekognition", "DetectLabels", 200, map[string]any{
				"aws.rekognition.image.size": int64(3), "aws.rekognition.label_count": int64(1),
				"aws.rekognition.model_version": "3.0",
			})},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			call := callAWS(t, tc.replies, tc.do)
			tc.want.Kind = "SPAN_KIND_CLIENT"
			require.Equal(t, tc.want, plain(call))
		})
	}
}

func getObject(ctx context.Context, cfg aws.Config) {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("uploads"), Key: aws.String("ein bild.png")})
	if err == nil {
		_ = out.Body.Close()
	}
}

func putItem(ctx context.Context, cfg aws.Config) {
	_, _ = dynamodb.NewFromConfig(cfg).PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String("images"),
		Item:      map[string]dynamotypes.AttributeValue{"filename": &dynamotypes.AttributeValueMemberS{Value: "a.png"}},
	})
}

func TestACallThatCannotBeMadeIsAnError(t *testing.T) {
	call := callAWS(t, nil, func(ctx context.Context, cfg aws.Config) {
		_, err := s3.NewFromConfig(cfg).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("uploads")})
		require.Error(t, err)
	})
	require.Equal(t, "InvalidParamsError", call.Attributes["error.type"])
	require.True(t, strings.HasPrefix(call.Status, "ERROR: 1 validation error(s) found."), call.Status)
	require.NotContains(t, call.Attributes, "http.response.status_code")
}

func TestAnUnreachableServiceIsNamedByItsCause(t *testing.T) {
	call := callAWS(t, nil, func(ctx context.Context, cfg aws.Config) {
		cfg.BaseEndpoint = aws.String("http://127.0.0.1:1") // nobody listens
		putItem(ctx, cfg)
	})
	require.Equal(t, "Errno", call.Attributes["error.type"])
	require.Equal(t, int64(2), call.Attributes["http.request.resend_count"])
	require.Len(t, call.Events, 2)
}

func TestACancelledCallIsNamed(t *testing.T) {
	call := callAWS(t, nil, func(ctx context.Context, cfg aws.Config) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		putItem(ctx, cfg)
	})
	require.Equal(t, "context.Canceled", call.Attributes["error.type"])
}

func TestCallsOutsideAnInvocationAreNotTraced(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{}`)
	}))
	defer server.Close()
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}
	InstrumentAWS(&cfg)
	_, err := dynamodb.NewFromConfig(cfg).Query(context.Background(), &dynamodb.QueryInput{TableName: aws.String("t")})
	require.NoError(t, err)
}
