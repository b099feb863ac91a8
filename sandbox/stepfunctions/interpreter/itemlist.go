package interpreter

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// listObjects adds an item for each object of a bucket, or with LOAD_AND_FLATTEN what is in the objects.
func (r *itemReader) listObjects(bucket, prefix string) error {
	pages := s3.NewListObjectsV2Paginator(r.s3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(r.ctx)
		if err != nil {
			return errors.New(deref(s3Failure(err).Cause))
		}
		for _, object := range page.Contents {
			if err := r.addObject(bucket, object); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *itemReader) addObject(bucket string, object types.Object) error {
	key := aws.ToString(object.Key)
	if r.Transformation == "LOAD_AND_FLATTEN" {
		if strings.HasSuffix(key, "/") { // a folder
			return nil
		}
		return r.readObject(bucket, key, "")
	}
	o := jsonvalue.NewObject().Set("Etag", aws.ToString(object.ETag)).Set("Key", key)
	if object.LastModified != nil {
		o.Set("LastModified", json.Number(strconv.FormatInt(object.LastModified.Unix(), 10)))
	}
	o.Set("Size", json.Number(strconv.FormatInt(aws.ToInt64(object.Size), 10))).
		Set("StorageClass", string(object.StorageClass))
	return r.add(o, "S3://"+bucket)
}

// readManifest adds what the files that a manifest names contain: those of an S3 inventory, or with ATHENA_DATA those
// of a query's results.
func (r *itemReader) readManifest(bucket string, body []byte) error {
	if r.ManifestType == "ATHENA_DATA" {
		return r.readAthena(body)
	}
	var manifest struct {
		DestinationBucket string `json:"destinationBucket"`
		FileFormat        string `json:"fileFormat"`
		FileSchema        string `json:"fileSchema"`
		Files             []struct {
			Key string `json:"key"`
		} `json:"files"`
	}
	if err := json.Unmarshal(body, &manifest); err != nil {
		return fmt.Errorf("the manifest is not one of an S3 inventory: %w", err)
	}
	if manifest.FileFormat != "CSV" {
		return fmt.Errorf("the sandbox reads S3 inventories in CSV, not in %s", manifest.FileFormat)
	}
	if name := manifest.DestinationBucket; name != "" {
		bucket = name[strings.LastIndexByte(name, ':')+1:]
	}
	inventory := *r.ItemReader
	inventory.CSVHeaderLocation, inventory.CSVDelimiter, inventory.CSVHeaders = "GIVEN", "", columns(manifest.FileSchema)
	for _, file := range manifest.Files {
		if err := r.readAs(&inventory, "CSV", bucket, file.Key); err != nil {
			return err
		}
	}
	return nil
}

// columns are the names in a fileSchema: "Bucket, Key, Size".
func columns(schema string) []string {
	names := strings.Split(schema, ",")
	for n, name := range names {
		names[n] = strings.TrimSpace(name)
	}
	return names
}

// readAthena reads the data files of a manifest that has one URI a line.
func (r *itemReader) readAthena(body []byte) error {
	rows := csv.NewReader(strings.NewReader(string(body)))
	rows.FieldsPerRecord = -1
	lines, err := rows.ReadAll()
	if err != nil {
		return fmt.Errorf("the manifest is not a list of URIs: %w", err)
	}
	for _, line := range lines {
		bucket, key, ok := strings.Cut(strings.TrimPrefix(line[0], "s3://"), "/")
		if !ok {
			return fmt.Errorf("the manifest has %q where an s3:// URI was expected", line[0])
		}
		if err := r.readAs(r.ItemReader, r.InputType, bucket, key); err != nil {
			return err
		}
	}
	return nil
}

// readAs reads an object by another configuration than the state's.
func (r *itemReader) readAs(config *asl.ItemReader, inputType, bucket, key string) error {
	body, err := r.object(bucket, key, "")
	if err != nil {
		return err
	}
	own := r.ItemReader
	defer func() { r.ItemReader = own }()
	r.ItemReader = config
	return r.parse(inputType, body, "s3://"+bucket+"/"+key)
}
