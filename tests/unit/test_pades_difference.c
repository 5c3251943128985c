/* SPDX-License-Identifier: EUPL-1.2
 *
 * Updates of a handmade document, and what each is taken for. An edit's text replaces an object, or makes a new one:
 * "@1" in any text stands for the number of the first new object.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "pades/difference/difference.h"
#include "pades/verify/findings.h"
#include "pdf_support.h"

enum { EDITS = 6, NEW = 0, FUTURE = 60, HIDDEN = 19 };
#define ANY RFD_FINDING_COUNT

#define SIGNATURE                                                                                                      \
    "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <30>>>"
#define TIMESTAMP                                                                                                      \
    "<</Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [0 1 2 3] /Contents <31>>>"
#define STREAM(entries, data) "<<" entries "/Length 8>>\nstream\n" data "\nendstream"
#define PAGE(annotations, rest)                                                                                        \
    "<</Type /Page /Parent 2 0 R /Contents 6 0 R /Resources 7 0 R /Annots [" annotations "]" rest ">>"
#define CATALOG(rest)                                                                                                  \
    "<</Type /Catalog /Pages 2 0 R /AcroForm 4 0 R /StructTreeRoot 20 0 R /Outlines 24 0 R "                           \
    "/Holder 29 0 R " rest ">>"
#define FORM(fields, rest)                                                                                             \
    "<</Fields [" fields "] /SigFlags 3 /DR <</Font <</Helv 15 0 R>>>> /CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)" rest ">>"
#define TEXT_FIELD(rest)      "<</FT /Tx /T (name) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 3 0 R " rest ">>"
#define EMPTY_SIGNATURE(rest) "<</FT /Sig /T (Sig2) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R " rest ">>"
#define NEW_WIDGET(rest)      "<</FT /Sig /T (Sig3) /Type /Annot /Subtype /Widget /P 3 0 R /F 132 " rest ">>"
#define BOX                   "8 0 R 9 0 R 10 0 R 11 0 R 12 0 R"
#define FIELDS                "8 0 R 9 0 R 13 0 R 14 0 R 26 0 R"
#define INVISIBLE             "/Rect [0 0 0 0] "

static const char *const base[] = {
    CATALOG("/OCProperties <</OCGs [23 0 R] /D <</ON [23 0 R]>>>>"),
    "<</Type /Pages /Kids [3 0 R 5 0 R] /Count 2 /MediaBox [0 0 200 300]>>",
    PAGE(BOX, ""),
    FORM(FIELDS, ""),
    "<</Type /Page /Parent 2 0 R /Contents [6 0 R 60 0 R] /Resources 7 0 R>>",
    STREAM("", "0 0 m S "),
    "<</Font <</F1 15 0 R>> /XObject <</X1 16 0 R>>>>",
    TEXT_FIELD("/V (old) /AP <</N 17 0 R>>"),
    "<</FT /Btn /T (box) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V /Off /AS /Off /AP <</N <</On 17 0 R>>>>>>",
    "<</Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (note)>>",
    "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [3 0 R /Fit]>>",
    "<</Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /Parent 13 0 R>>",
    "<</FT /Sig /T (Sig1) /V 18 0 R /Kids [12 0 R]>>",
    EMPTY_SIGNATURE(""),
    "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    STREAM("/Type /XObject /Subtype /Image /Width 1 /Height 1 ", "pictures"),
    STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources 7 0 R ", "q 1 w Q "),
    "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <30> "
    "/Reference [<</TransformMethod /DocMDP /Data 1 0 R>>]>>",
    STREAM("", "9 9 m S "),
    "<</Type /StructTreeRoot /K [21 0 R] /ParentTree 22 0 R /ParentTreeNextKey 1>>",
    "<</Type /StructElem /S /Document /P 20 0 R /Pg 3 0 R /K [0]>>",
    "<</Nums [0 [21 0 R]]>>",
    "<</Type /OCG /Name (layer)>>",
    "<</First 25 0 R /Last 25 0 R>>",
    "<</Title (one) /Parent 24 0 R /Dest [3 0 R /Fit]>>",
    "<</T (group) /Kids [27 0 R 28 0 R]>>",
    "<</FT /Tx /T (a) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>",
    "<</FT /Tx /T (b) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>",
    "<</Appearance 30 0 R>>",
    "<</Whatever (x)>>",
};
#define TRAILER "/Root 1 0 R /ID [<00112233><00112233>]"

struct edit {
    uint32_t object;
    const char *text;
};
struct example {
    const char *name;
    struct edit edits[EDITS];
    enum rfd_change_level level;
    enum rfd_finding_code code; /* one that must be among the changes */
};

#define CODE(name)       RFD_FINDING_CHANGE_##name
#define CATALOG_OC(rest) CATALOG("/OCProperties <</OCGs [23 0 R] /D <</ON [23 0 R]>>>> " rest)

static const struct example examples[] = {
    /* nothing, or nothing to speak of */
    {"identical object",
     {{5, "<</Contents [6 0 R 60 0 R]/Type/Page /Resources 7 0 R /Parent 2 0 R>>"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"numbers written otherwise",
     {{2, "<</Type /Pages /Kids [3 0 R 5 0 R] /Count 2 /MediaBox [0.0 0 200.00 300]>>"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"fields become indirect",
     {{4, "<</Fields @1 0 R /SigFlags 3 /DR <</Font <</Helv 15 0 R>>>> /CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)>>"},
      {NEW, "[" FIELDS "]"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"resources become direct",
     {{3, "<</Type /Page /Parent 2 0 R /Contents 6 0 R /Resources <</Font <</F1 15 0 R>> "
          "/XObject <</X1 16 0 R>>>> /Annots [" BOX "]>>"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"unreferenced object", {{NEW, "<</Nobody (cares)>>"}}, RFD_CHANGE_NONE, CODE(UNREFERENCED)},

    /* long-term validation */
    {"security store",
     {{1, CATALOG_OC("/DSS @1 0 R")},
      {NEW, "<</Certs [@2 0 R] /VRI <</AB <</Cert [@2 0 R]>>>>>>"},
      {NEW, STREAM("", "30030201")}},
     RFD_CHANGE_LTA,
     CODE(DSS)},
    {"security store without streams", {{1, CATALOG_OC("/DSS <</Certs [(x)]>>")}}, RFD_CHANGE_OTHER, CODE(OTHER)},
    {"security store with an unknown key", {{1, CATALOG_OC("/DSS <</Certs [] /Foo 1>>")}}, RFD_CHANGE_OTHER, ANY},
    {"document time stamp",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET(INVISIBLE "/V @2 0 R")},
      {NEW, TIMESTAMP},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_LTA,
     CODE(DOCUMENT_TIMESTAMP)},
    {"visible document time stamp",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET("/Rect [0 0 9 9] /V @2 0 R")},
      {NEW, TIMESTAMP},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(DOCUMENT_TIMESTAMP)},
    {"tagged document time stamp",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET(INVISIBLE "/V @2 0 R /StructParent 1")},
      {NEW, TIMESTAMP},
      {3, PAGE(BOX " @1 0 R", " /Tabs /S")},
      {20, "<</Type /StructTreeRoot /K [21 0 R @3 0 R] /ParentTree <</Nums [0 [21 0 R] 1 @3 0 R]>> "
           "/ParentTreeNextKey 2>>"},
      {NEW, "<</Type /StructElem /S /Form /P 20 0 R /K <</Type /OBJR /Obj @1 0 R>>>>"}},
     RFD_CHANGE_LTA,
     CODE(DOCUMENT_TIMESTAMP)},
    {"extension",
     {{1, CATALOG_OC("/Extensions <</ESIC <</BaseVersion /1.7 /ExtensionLevel 1>>>>")}},
     RFD_CHANGE_LTA,
     CODE(EXTENSIONS)},
    {"version", {{1, CATALOG_OC("/Version /2.0")}}, RFD_CHANGE_LTA, CODE(EXTENSIONS)},
    {"metadata",
     {{1, CATALOG_OC("/Metadata @1 0 R")}, {NEW, STREAM("/Type /Metadata /Subtype /XML ", "<x></x> ")}},
     RFD_CHANGE_LTA,
     CODE(METADATA)},
    {"metadata that is none",
     {{1, CATALOG_OC("/Metadata @1 0 R")}, {NEW, "<</Type /Metadata>>"}},
     RFD_CHANGE_OTHER,
     CODE(CATALOG)},

    /* signing */
    {"new signature",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET("/Rect [0 0 9 9] /V @2 0 R /AP <</N @3 0 R>>")},
      {NEW, SIGNATURE},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"new signature off the page",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET(INVISIBLE "/V @2 0 R")}, {NEW, SIGNATURE}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"new field with a kid",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, "<</FT /Sig /T (Sig3) /Kids [@2 0 R] /V @3 0 R>>"},
      {NEW, "<</Type /Annot /Subtype /Widget /Parent @1 0 R /Rect [0 0 9 9] /P 3 0 R>>"},
      {NEW, SIGNATURE},
      {3, PAGE(BOX " @2 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"empty field signed",
     {{14, EMPTY_SIGNATURE("/V @1 0 R /F 132 /AP <</N @2 0 R>>")},
      {NEW, SIGNATURE},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"empty field signed, widget put on its page",
     {{14, EMPTY_SIGNATURE("/V @1 0 R")}, {NEW, SIGNATURE}, {3, PAGE(BOX " 14 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"new empty field",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET("/Rect [0 0 9 9]")}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE_FIELD)},
    {"lock put on an empty field",
     {{14, EMPTY_SIGNATURE("/Lock <</Type /SigFieldLock /Action /All>>")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE_FIELD)},
    {"unsigned field that covers content",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET("/Rect [0 0 9 9] /AP <</N @2 0 R>>")},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m f ")},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ANNOTATION_CONTENT)},
    {"signature widget of no field",
     {{NEW, NEW_WIDGET("/Rect [0 0 9 9]")}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ANNOTATION_CONTENT)},
    {"new field with an old signature",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET(INVISIBLE "/V 18 0 R")}},
     RFD_CHANGE_OTHER,
     CODE(SIGNED_FIELD)},
    {"new field under an old name",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, "<</FT /Sig /T (name) /Type /Annot /Subtype /Widget " INVISIBLE ">>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"new field with an action",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET(INVISIBLE "/AA <</E <</S /JavaScript /JS (x)>>>>")}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},
    {"new text field",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, "<</FT /Tx /T (new) /Subtype /Widget /Rect [0 0 9 9]>>"},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"field removed", {{4, FORM("8 0 R 9 0 R 13 0 R 26 0 R", "")}}, RFD_CHANGE_OTHER, CODE(FIELD)},
    {"signature replaced",
     {{13, "<</FT /Sig /T (Sig1) /V @1 0 R /Kids [12 0 R]>>"}, {NEW, SIGNATURE}},
     RFD_CHANGE_OTHER,
     CODE(SIGNED_FIELD)},
    {"signature changed in place", {{18, SIGNATURE}}, RFD_CHANGE_OTHER, CODE(SIGNED_FIELD)},
    {"signature removed", {{13, "<</FT /Sig /T (Sig1) /Kids [12 0 R]>>"}}, RFD_CHANGE_OTHER, CODE(SIGNED_FIELD)},
    {"signed field moved",
     {{12, "<</Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 3 0 R /Parent 13 0 R>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},

    /* filling in */
    {"text filled in",
     {{8, TEXT_FIELD("/V (new) /AP <</N @1 0 R>>")},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"style added", {{8, TEXT_FIELD("/V (old) /AP <</N 17 0 R>> /DA (/Helv 9 Tf)")}}, RFD_CHANGE_FORM, CODE(FORM)},
    {"kid filled in",
     {{27, "<</FT /Tx /T (a) /V (x) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>"}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"box checked",
     {{9, "<</FT /Btn /T (box) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V /On /AS /On "
          "/AP <</N <</On 17 0 R>>>>>>"}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"appearances to be made", {{4, FORM(FIELDS, " /NeedAppearances true")}}, RFD_CHANGE_FORM, CODE(FORM)},
    {"font added",
     {{4, "<</Fields [" FIELDS "] /SigFlags 3 /DR <</Font <</Helv 15 0 R /New @1 0 R>>>> "
          "/CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)>>"},
      {NEW, "<</Type /Font /Subtype /Type1 /BaseFont /Courier>>"}},
     RFD_CHANGE_FORM,
     ANY},
    {"font of the form replaced",
     {{4, "<</Fields [" FIELDS "] /SigFlags 3 /DR <</Font <</Helv @1 0 R>>>> "
          "/CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)>>"},
      {NEW, "<</Type /Font /Subtype /Type1 /BaseFont /Courier>>"}},
     RFD_CHANGE_OTHER,
     CODE(RESOURCES)},
    {"appearance without value",
     {{8, TEXT_FIELD("/V (old) /AP <</N @1 0 R>>")},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_OTHER,
     CODE(APPEARANCE)},
    {"appearance replaced in place, used by another field too",
     {{8, TEXT_FIELD("/V (new) /AP <</N 17 0 R>>")},
      {17, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources 7 0 R ", "0 0 m S ")}},
     RFD_CHANGE_OTHER,
     CODE(APPEARANCE)},
    {"field moved",
     {{8, "<</FT /Tx /T (name) /Type /Annot /Subtype /Widget /Rect [5 5 9 9] /P 3 0 R /V (old) "
          "/AP <</N 17 0 R>>>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"field hidden", {{8, TEXT_FIELD("/F 2 /V (old) /AP <</N 17 0 R>>")}}, RFD_CHANGE_OTHER, CODE(FIELD)},
    {"field renamed",
     {{8, "<</FT /Tx /T (eman) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 3 0 R /V (old) "
          "/AP <</N 17 0 R>>>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"action on a field",
     {{8, TEXT_FIELD("/V (old) /AP <</N 17 0 R>> /AA <</F <</S /JavaScript /JS (x)>>>>")}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},

    {"text cleared, appearance taken away",
     {{8, TEXT_FIELD("/V ()")}, {4, FORM(FIELDS, " /NeedAppearances true")}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"key twice", {{8, TEXT_FIELD("/V (new) /AP <</N 17 0 R>> /V (old)")}}, RFD_CHANGE_OTHER, CODE(UNREADABLE)},
    {"new field takes another's widget",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, "<</FT /Sig /T (Sig3) /Kids [12 0 R]>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"field of two parents",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, "<</T (other) /Kids [8 0 R]>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"widget of an unknown page",
     {{27, "<</FT /Tx /T (a) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 5 0 R>>"}},
     RFD_CHANGE_FORM,
     ANY},

    /* annotations */
    {"note added",
     {{NEW, "<</Type /Annot /Subtype /Highlight /Rect [0 0 9 9]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"note changed",
     {{10, "<</Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (else)>>"}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"note removed", {{3, PAGE("8 0 R 9 0 R 11 0 R 12 0 R", "")}}, RFD_CHANGE_ANNOTATION, CODE(ANNOTATION)},
    {"redaction added",
     {{NEW, "<</Type /Annot /Subtype /Redact /Rect [0 0 9 9]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ANNOTATION_CONTENT)},
    {"link added",
     {{NEW, "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /A <</S /URI /URI (x:y)>>>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},
    {"link within the document",
     {{NEW, "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [5 0 R /Fit]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"unknown annotation",
     {{NEW, "<</Type /Annot /Subtype /Foo /Rect [0 0 9 9]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(OTHER)},
    {"widget removed", {{3, PAGE("9 0 R 10 0 R 11 0 R 12 0 R", "")}}, RFD_CHANGE_OTHER, CODE(FIELD)},

    {"link led elsewhere",
     {{11, "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [5 0 R /Fit]>>"}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},
    {"annotation with its structure",
     {{NEW, "<</Type /Annot /Subtype /Highlight /Rect [0 0 9 9] /StructParent 1 /AP <</N @3 0 R>>>>"},
      {3, PAGE(BOX " @1 0 R", "")},
      {20, "<</Type /StructTreeRoot /K [21 0 R @2 0 R] /ParentTree <</Nums [0 [21 0 R] 1 @2 0 R]>> "
           "/ParentTreeNextKey 2>>"},
      {NEW, "<</Type /StructElem /S /Annot /P 20 0 R /K <</Type /OBJR /Obj @1 0 R>>>>"},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"first annotation of a page",
     {{NEW, "<</Type /Annot /Subtype /Ink /Rect [0 0 9 9]>>"},
      {5, "<</Type /Page /Parent 2 0 R /Contents [6 0 R 60 0 R] /Resources 7 0 R /Annots [@1 0 R]>>"}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},

    /* pages */
    {"content changed", {{6, STREAM("", "5 5 m S ")}}, RFD_CHANGE_OTHER, CODE(PAGE_CONTENT)},
    {"content replaced",
     {{3, "<</Type /Page /Parent 2 0 R /Contents @1 0 R /Resources 7 0 R /Annots [" BOX "]>>"},
      {NEW, STREAM("", "5 5 m S ")}},
     RFD_CHANGE_OTHER,
     CODE(PAGE_CONTENT)},
    {"content replaced by a hidden one",
     {{3, "<</Type /Page /Parent 2 0 R /Contents 19 0 R /Resources 7 0 R "
          "/Annots [" BOX "]>>"}},
     RFD_CHANGE_OTHER,
     CODE(HIDDEN_OBJECT)},
    {"content defined later", {{FUTURE, STREAM("", "5 5 m S ")}}, RFD_CHANGE_OTHER, CODE(FUTURE_REFERENCE)},
    {"picture replaced by nothing", {{16, "null"}}, RFD_CHANGE_OTHER, CODE(LAYERS)},
    {"font changed", {{15, "<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>"}}, RFD_CHANGE_OTHER, CODE(RESOURCES)},
    {"page turned", {{3, PAGE(BOX, " /Rotate 90")}}, RFD_CHANGE_OTHER, CODE(PAGE_CONTENT)},
    {"page added",
     {{2, "<</Type /Pages /Kids [3 0 R 5 0 R @1 0 R] /Count 3 /MediaBox [0 0 200 300]>>"},
      {NEW, "<</Type /Page /Parent 2 0 R>>"}},
     RFD_CHANGE_OTHER,
     CODE(PAGES)},
    {"pages swapped",
     {{2, "<</Type /Pages /Kids [5 0 R 3 0 R] /Count 2 /MediaBox [0 0 200 300]>>"}},
     RFD_CHANGE_OTHER,
     ANY},
    {"page replaced by nothing", {{5, "null"}}, RFD_CHANGE_OTHER, CODE(PAGES)},
    {"page size",
     {{2, "<</Type /Pages /Kids [3 0 R 5 0 R] /Count 2 /MediaBox [0 0 20 30]>>"}},
     RFD_CHANGE_OTHER,
     CODE(PAGE_CONTENT)},
    {"page action", {{3, PAGE(BOX, " /AA <</O <</S /JavaScript /JS (x)>>>>")}}, RFD_CHANGE_OTHER, CODE(ACTIONS)},

    /* the document */
    {"open action", {{1, CATALOG_OC("/OpenAction <</S /JavaScript /JS (x)>>")}}, RFD_CHANGE_OTHER, CODE(ACTIONS)},
    {"layer off",
     {{1, CATALOG("/OCProperties <</OCGs [23 0 R] /D <</OFF [23 0 R]>>>>")}},
     RFD_CHANGE_OTHER,
     CODE(LAYERS)},
    {"names", {{1, CATALOG_OC("/Names <</JavaScript <</Names []>>>>")}}, RFD_CHANGE_OTHER, CODE(CATALOG)},
    {"permissions", {{1, CATALOG_OC("/Perms <</DocMDP 18 0 R>>")}}, RFD_CHANGE_OTHER, CODE(PERMISSIONS)},
    {"outline", {{25, "<</Title (two) /Parent 24 0 R /Dest [3 0 R /Fit]>>"}}, RFD_CHANGE_OTHER, CODE(CATALOG)},
    {"structure changed",
     {{21, "<</Type /StructElem /S /Note /P 20 0 R /Pg 3 0 R /K [0]>>"}},
     RFD_CHANGE_OTHER,
     CODE(STRUCTURE)},
    {"element replaced by nothing", {{21, "null"}}, RFD_CHANGE_OTHER, CODE(STRUCTURE)},
    {"element of content removed",
     {{20, "<</Type /StructTreeRoot /K [] /ParentTree <<>> /ParentTreeNextKey 1>>"}},
     RFD_CHANGE_OTHER,
     CODE(STRUCTURE)},
    {"structure claims content",
     {{20, "<</Type /StructTreeRoot /K [21 0 R @1 0 R] /ParentTree 22 0 R "
           "/ParentTreeNextKey 1>>"},
      {NEW, "<</Type /StructElem /S /P /P 20 0 R /Pg 3 0 R /K [1]>>"}},
     RFD_CHANGE_OTHER,
     CODE(STRUCTURE)},
    {"hidden object changed and used", {{30, "<</Whatever (y)>>"}}, RFD_CHANGE_OTHER, CODE(CATALOG)},
    {"orphan changed and used",
     {{HIDDEN, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")},
      {8, TEXT_FIELD("/V (new) /AP <</N 19 0 R>>")}},
     RFD_CHANGE_OTHER,
     CODE(HIDDEN_OBJECT)},
};

/* ---- making and reading an update ---- */

static void put_text(struct buf *b, const char *text, uint32_t first)
{
    for (; *text != '\0'; text++) {
        if (*text == '@')
            buf_print(b, "%u", (unsigned)(first + (uint32_t)(*++text - '1')));
        else
            buf_put_byte(b, (uint8_t)*text);
    }
}

static void apply(struct support_document *before, const struct example *e, struct support_document *after)
{
    struct pdf_update *u;
    struct pdf_reference fresh[EDITS];
    size_t count = 0;
    size_t used = 0;
    if (pdf_update_begin(before->doc, &u, &before->error) != RFD_OK) fail_msg("%s", before->error.detail);
    for (size_t i = 0; i < EDITS && e->edits[i].text != NULL; i++) {
        if (e->edits[i].object == NEW) fresh[count++] = pdf_update_new(u);
    }
    for (size_t i = 0; i < EDITS && e->edits[i].text != NULL; i++) {
        struct pdf_reference r = {e->edits[i].object, 0};
        if (r.number == NEW) r = fresh[used++];
        while (r.number == FUTURE && pdf_update_new(u).number < FUTURE) {
        }
        put_text(pdf_update_object(u, r), e->edits[i].text, count > 0 ? fresh[0].number : 0);
        pdf_update_end(u);
    }
    support_apply(before, u, "", after);
}

static bool has_code(const struct difference *d, enum rfd_finding_code code)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->changes[i].code == code) return true;
    }
    return code == ANY;
}

static void explain(const char *name, const struct difference *d)
{
    print_message("%s: level %d\n", name, (int)d->level);
    for (size_t i = 0; i < d->count; i++)
        print_message("    %d %s object %u %s\n", (int)d->changes[i].level, rfd_finding_name(d->changes[i].code),
                      (unsigned)d->changes[i].object, d->changes[i].path);
}

static const struct difference *between(struct support_document *d, struct difference_context **c)
{
    const struct difference *out = NULL;
    if (difference_open(d->doc, c, &d->error) != RFD_OK) fail_msg("%s", d->error.detail);
    if (difference_between(*c, pdf_revision_count(d->doc) - 1, &out, &d->error) != RFD_OK)
        fail_msg("%s", d->error.detail);
    return out;
}

static void test_examples(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *e = &examples[i];
        struct support_document before;
        struct support_document after;
        struct difference_context *c;
        support_init(&before);
        support_make_pdf(&before.bytes, base, sizeof base / sizeof *base, TRAILER);
        if (support_open(&before, "", true) != RFD_OK) fail_msg("%s", before.error.detail);
        apply(&before, e, &after);
        const struct difference *d = between(&after, &c);
        if (d->level != e->level || !has_code(d, e->code)) {
            explain(e->name, d);
            good = false;
        }
        difference_close(c);
        support_close(&after);
        support_close(&before);
    }
    assert_true(good);
}

/** Two updates, the second changing what the first added. */
static void test_security_store_never_shrinks(void **state)
{
    (void)state;
    static const struct example first = {
        "",
        {{1, CATALOG_OC("/DSS @1 0 R")}, {NEW, "<</Certs [@2 0 R]>>"}, {NEW, STREAM("", "30030201")}},
        RFD_CHANGE_LTA,
        ANY};
    static const struct example grown = {
        "grown", {{31, "<</Certs [32 0 R @1 0 R]>>"}, {NEW, STREAM("", "30030202")}}, RFD_CHANGE_LTA, CODE(DSS)};
    static const struct example shrunk = {"shrunk", {{31, "<</Certs []>>"}}, RFD_CHANGE_OTHER, CODE(OTHER)};
    static const struct example changed = {"changed", {{32, STREAM("", "30030209")}}, RFD_CHANGE_OTHER, CODE(OTHER)};
    static const struct example removed = {"removed", {{1, CATALOG_OC("")}}, RFD_CHANGE_OTHER, CODE(OTHER)};
    const struct example *const all[] = {&grown, &shrunk, &changed, &removed};
    for (size_t i = 0; i < 4; i++) {
        struct support_document d[3];
        struct difference_context *c;
        support_init(&d[0]);
        support_make_pdf(&d[0].bytes, base, sizeof base / sizeof *base, TRAILER);
        if (support_open(&d[0], "", true) != RFD_OK) fail_msg("%s", d[0].error.detail);
        apply(&d[0], &first, &d[1]);
        apply(&d[1], all[i], &d[2]);
        const struct difference *last = between(&d[2], &c);
        if (last->level != all[i]->level || !has_code(last, all[i]->code)) {
            explain(all[i]->name, last);
            fail();
        }
        const struct difference *again;
        assert_int_equal(difference_between(c, 1, &again, NULL), RFD_OK);
        assert_int_equal(again->level, RFD_CHANGE_LTA);
        assert_int_equal(difference_between(c, 3, &again, NULL), RFD_E_INTERNAL);
        difference_close(c);
        for (size_t k = 0; k < 3; k++) support_close(&d[k]);
    }
}

/** A tagged annotation comes, and goes with its element; a widget's element stays. */
static void test_element_goes_with_its_annotation(void **state)
{
    (void)state;
    static const struct example added = {
        "",
        {{NEW, "<</Type /Annot /Subtype /Highlight /Rect [0 0 9 9] /StructParent 1>>"},
         {3, PAGE(BOX " @1 0 R", "")},
         {20, "<</Type /StructTreeRoot /K [21 0 R @2 0 R] /ParentTree <</Nums [0 [21 0 R] 1 @2 0 R]>> "
              "/ParentTreeNextKey 2>>"},
         {NEW, "<</Type /StructElem /S /Annot /P 20 0 R /K <</Type /OBJR /Obj @1 0 R>>>>"}},
        RFD_CHANGE_ANNOTATION,
        ANY};
    static const struct example removed = {
        "removed",
        {{3, PAGE(BOX, "")},
         {31, "null"},
         {20, "<</Type /StructTreeRoot /K [21 0 R] /ParentTree <</Nums [0 [21 0 R]]>> /ParentTreeNextKey 2>>"},
         {32, "null"}},
        RFD_CHANGE_ANNOTATION,
        CODE(ANNOTATION)};
    static const struct example element_stays = {
        "element stays", {{3, PAGE(BOX, "")}, {31, "null"}}, RFD_CHANGE_ANNOTATION, CODE(ANNOTATION)};
    static const struct example more_removed = {
        "more removed",
        {{3, PAGE(BOX, "")}, {20, "<</Type /StructTreeRoot /K [] /ParentTree <</Nums []>> /ParentTreeNextKey 2>>"}},
        RFD_CHANGE_OTHER,
        CODE(STRUCTURE)};
    const struct example *const all[] = {&removed, &element_stays, &more_removed};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct support_document d[3];
        struct difference_context *c;
        support_init(&d[0]);
        support_make_pdf(&d[0].bytes, base, sizeof base / sizeof *base, TRAILER);
        if (support_open(&d[0], "", true) != RFD_OK) fail_msg("%s", d[0].error.detail);
        apply(&d[0], &added, &d[1]);
        apply(&d[1], all[i], &d[2]);
        const struct difference *last = between(&d[2], &c);
        if (last->level != all[i]->level || !has_code(last, all[i]->code)) {
            explain(all[i]->name, last);
            fail();
        }
        difference_close(c);
        for (size_t k = 0; k < 3; k++) support_close(&d[k]);
    }
}

/* ---- updates written by hand ---- */

static void open_raw(struct support_document *d, const char *const *objects, size_t count, const char *tail)
{
    support_init(d);
    support_make_pdf(&d->bytes, objects, count, TRAILER);
    size_t base_end = d->bytes.length;
    size_t table = 0;
    for (size_t i = 0; i + 9 < base_end; i++) {
        if (memcmp(d->bytes.data + i, "\nxref\n", 6) == 0) table = i + 1;
    }
    size_t xref = 0;
    for (; *tail != '\0'; tail++) {
        if (*tail == '@') {
            if (tail[1] == 'P') buf_print(&d->bytes, "%zu", table);
            if (tail[1] == 'O') buf_print(&d->bytes, "%010zu", base_end);
            if (tail[1] == 'X') buf_print(&d->bytes, "%zu", xref);
            tail++;
        } else {
            if (strncmp(tail, "xref\n", 5) == 0 && tail[-1] == '\n') xref = d->bytes.length;
            buf_put_byte(&d->bytes, (uint8_t)*tail);
        }
    }
    if (support_open(d, "", false) != RFD_OK) fail_msg("%s", d->error.detail);
}

static const struct {
    const char *name, *tail;
    enum rfd_change_level level;
    enum rfd_finding_code code;
} raw[] = {
    {"clean",
     "5 0 obj\n<</Contents [6 0 R 60 0 R] /Type /Page /Resources 7 0 R /Parent 2 0 R>>\nendobj\nxref\n5 1\n@O 00000 n\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_NONE, CODE(IDENTICAL)},
    {"unlisted object",
     "5 0 obj\n<</Contents [6 0 R 60 0 R] /Type /Page /Resources 7 0 R /Parent 2 0 R>>\nendobj\n"
     "6 0 obj\n<</Length 1>>\nstream\n \nendstream\nendobj\nxref\n5 1\n@O 00000 n\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, RFD_FINDING_TRAILING_BYTES},
    {"comment",
     "5 0 obj\n<</Contents [6 0 R 60 0 R] /Type /Page /Resources 7 0 R /Parent 2 0 R>>\nendobj\n"
     "% obj xref trailer\nxref\n5 1\n@O 00000 n\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_NONE, ANY},
    {"trailer key",
     "\nxref\n0 1\n0000000000 65535 f\r\n"
     "trailer\n<</Size 31 " TRAILER " /Foo (x) /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(TRAILER)},
    {"other file",
     "\nxref\n0 1\n0000000000 65535 f\r\n"
     "trailer\n<</Size 31 /Root 1 0 R /ID [<99><00112233>] /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(TRAILER)},
    {"new information",
     "31 0 obj\n<</Producer (x)>>\nendobj\nxref\n31 1\n@O 00000 n\r\n"
     "trailer\n<</Size 32 " TRAILER " /Info 31 0 R /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_LTA, CODE(METADATA)},
    {"other root",
     "31 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\nxref\n31 1\n@O 00000 n\r\n"
     "trailer\n<</Size 32 /Root 31 0 R /ID [<00112233><00112233>] /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, ANY},
    {"page freed",
     "\nxref\n5 1\n0000000000 00001 f\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(PAGES)},
    {"object freed",
     "\nxref\n6 1\n0000000000 00001 f\r\n"
     "trailer\n<</Size 31 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%EOF\n",
     RFD_CHANGE_OTHER, CODE(PAGE_CONTENT)},
};

static void test_raw_updates(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        struct support_document d;
        struct difference_context *c;
        open_raw(&d, base, sizeof base / sizeof *base, raw[i].tail);
        assert_int_equal(pdf_revision_count(d.doc), 2);
        const struct difference *found = between(&d, &c);
        if (found->level != raw[i].level || !has_code(found, raw[i].code)) {
            explain(raw[i].name, found);
            good = false;
        }
        difference_close(c);
        support_close(&d);
    }
    assert_true(good);
}

/** The later cross-reference takes out an older text of the same object, inside the signed bytes. */
static void test_entry_into_signed_bytes(void **state)
{
    (void)state;
    struct support_document d;
    struct difference_context *c;
    static const char *const hidden[] = {
        "<</Type /Catalog /Pages 2 0 R /Note (\n2 0 obj <</Type /Pages /Kids [4 0 R] /Count 1>> endobj\n)>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>", "<</Type /Page /Parent 2 0 R /Rotate 0>>",
        "<</Type /Page /Parent 2 0 R /Rotate 90>>"};
    char tail[400];
    struct support_document plain;
    support_init(&plain);
    support_make_pdf(&plain.bytes, hidden, 4, TRAILER);
    const uint8_t *at = memmem(plain.bytes.data, plain.bytes.length, "\n2 0 obj <<", 11);
    assert_non_null(at);
    (void)snprintf(tail, sizeof tail,
                   "\nxref\n2 1\n%010zu 00000 n\r\ntrailer\n<</Size 5 " TRAILER " /Prev @P>>\nstartxref\n@X\n%%%%EOF\n",
                   (size_t)(at - plain.bytes.data) + 1);
    open_raw(&d, hidden, 4, tail);
    const struct difference *found = between(&d, &c);
    assert_int_equal(found->level, RFD_CHANGE_OTHER);
    assert_true(has_code(found, CODE(HIDDEN_OBJECT)));
    difference_close(c);
    support_close(&d);
    buf_dispose(&plain.bytes);
}

/* ---- object streams ---- */

static const char *const compressed[] = {
    "<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>>>>",
    "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9]>>",
    "<</Type /Page /Parent 2 0 R /Annots [4 0 R]>>",
    "<</FT /Tx /T (a) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V (x)>>",
};

static void test_compressed(void **state)
{
    (void)state;
    static const struct example all[] = {
        {"filled in",
         {{4, "<</FT /Tx /T (a) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V (y)>>"}},
         RFD_CHANGE_FORM,
         CODE(FORM)},
        {"page changed",
         {{3, "<</Type /Page /Parent 2 0 R /Annots [4 0 R] /Rotate 90>>"}},
         RFD_CHANGE_OTHER,
         CODE(PAGE_CONTENT)},
        {"page plain again", {{3, "<</Type /Page /Parent 2 0 R /Annots [4 0 R]>>"}}, RFD_CHANGE_NONE, CODE(IDENTICAL)},
        /* the object stream itself is written again, and no entry says that object 3 changed */
        {"stream replaced",
         {{5, "<</Type /ObjStm /N 4 /First 22 /Length 290>>\nstream\n"
              "1 0 2 63 3 125 4 200   <</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>>>> "
              "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9]>>    "
              "<</Type /Page /Parent 2 0 R /Annots [4 0 R] /Rotate 90>>                   "
              "<</FT /Tx /T (a) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V (x)>>                  \nendstream"}},
         RFD_CHANGE_OTHER,
         ANY},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct support_document before;
        struct support_document after;
        struct difference_context *c;
        support_init(&before);
        support_make_compressed_pdf(&before.bytes, compressed, 4, TRAILER);
        if (support_open(&before, "", true) != RFD_OK) fail_msg("%s", before.error.detail);
        apply(&before, &all[i], &after);
        const struct difference *d = between(&after, &c);
        if (d->level != all[i].level || !has_code(d, all[i].code)) {
            explain(all[i].name, d);
            fail();
        }
        difference_close(c);
        support_close(&after);
        support_close(&before);
    }
}

/* ---- lack of memory ---- */

static void test_memory_runs_out(void **state)
{
    (void)state;
    const struct example *signing = NULL;
    struct support_document before;
    struct support_document after;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (strcmp(examples[i].name, "tagged document time stamp") == 0) signing = &examples[i];
    }
    assert_non_null(signing);
    support_init(&before);
    support_make_pdf(&before.bytes, base, sizeof base / sizeof *base, TRAILER);
    if (support_open(&before, "", true) != RFD_OK) fail_msg("%s", before.error.detail);
    apply(&before, signing, &after);
    for (unsigned long n = 1;; n++) {
        struct pdf_document *doc;
        struct difference_context *c = NULL;
        const struct difference *found = NULL;
        assert_int_equal(pdf_open(after.source, NULL, &doc, NULL), RFD_OK);
        (void)memory_fail_after(n);
        rfd_status status = difference_open(doc, &c, NULL);
        if (status == RFD_OK) status = difference_between(c, 1, &found, NULL);
        (void)memory_fail_after(0);
        difference_close(c);
        if (status == RFD_OK) {
            assert_int_equal(found->level, RFD_CHANGE_LTA);
            pdf_close(doc);
            assert_true(n > 10);
            break;
        }
        assert_int_equal(status, RFD_E_MEMORY);
        pdf_close(doc);
    }
    support_close(&after);
    support_close(&before);
}

/* ---- permission ---- */

static void test_permitted(void **state)
{
    (void)state;
    static const slice locked[] = {{(const uint8_t *)"name", 4}};
    static const struct pdf_field_lock lock = {.action = PDF_LOCK_INCLUDE, .fields = locked, .count = 1};
    static const struct {
        int permission;
        bool lock;
        struct change change;
        bool permitted;
        enum rfd_finding_code code;
    } all[] = {
        {1, false, {.level = RFD_CHANGE_LTA, .code = CODE(DSS)}, true, CODE(DSS)},
        {1, false, {.level = RFD_CHANGE_FORM, .code = CODE(FORM)}, false, CODE(NOT_PERMITTED)},
        {2, false, {.level = RFD_CHANGE_FORM, .code = CODE(FORM)}, true, CODE(FORM)},
        {0, false, {.level = RFD_CHANGE_FORM, .code = CODE(FORM)}, true, CODE(FORM)},
        {0, false, {.level = RFD_CHANGE_ANNOTATION, .code = CODE(ANNOTATION)}, false, CODE(NOT_PERMITTED)},
        {2, false, {.level = RFD_CHANGE_ANNOTATION, .code = CODE(ANNOTATION)}, false, CODE(NOT_PERMITTED)},
        {3, false, {.level = RFD_CHANGE_ANNOTATION, .code = CODE(ANNOTATION)}, true, CODE(ANNOTATION)},
        {3, false, {.level = RFD_CHANGE_OTHER, .code = CODE(PAGES)}, false, CODE(PAGES)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(FORM), .field = {(const uint8_t *)"name", 4}},
         false,
         CODE(LOCKED_FIELD)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(FORM), .field = {(const uint8_t *)"name2", 5}},
         true,
         CODE(FORM)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(SIGNATURE), .field = {(const uint8_t *)"name", 4}},
         false,
         CODE(LOCKED_FIELD)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(SIGNATURE), .field = {(const uint8_t *)"name", 4}, .new_field = true},
         true,
         CODE(SIGNATURE)},
        {2,
         true,
         {.level = RFD_CHANGE_LTA, .code = CODE(DOCUMENT_TIMESTAMP), .field = {(const uint8_t *)"name", 4}},
         true,
         CODE(DOCUMENT_TIMESTAMP)},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct difference_policy policy = {all[i].permission, all[i].lock ? &lock : NULL};
        enum rfd_finding_code code = ANY;
        if (difference_permitted(&policy, &all[i].change, &code) != all[i].permitted || code != all[i].code)
            fail_msg("row %zu: %s", i, rfd_finding_name(code));
    }
}

/* ---- third-party files ---- */

static const struct {
    const char *path;
    size_t revision; /* 0: the last one */
    enum rfd_change_level level;
    const char *family; /* of one of the changes, or NULL */
} corpus[] = {
    {"pdf/extensions-direct.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/extensions-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/extensions-indirect-not-all-paths.pdf", 0, RFD_CHANGE_OTHER, "ISA"},
    {"pdf/extensions-update-direct.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/extensions-update-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-ap-indirect-sneaky-trailer.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"pdf/form-update-no-override-appearance-stream-ap-indirect-sneaky.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"pdf/form-update-no-override-appearance-stream-ap-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-original-ap-type-wrong.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-override-appearance-stream-ap-indirect-sneaky.pdf", 0, RFD_CHANGE_OTHER, NULL},
    {"pdf/form-update-override-appearance-stream-ap-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-override-appearance-stream-sneaky.pdf", 0, RFD_CHANGE_OTHER, NULL},
    {"pdf/form-update-override-appearance-stream.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-signed-twice-both-created.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-signed-twice-no-sig-type.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-signed-twice-second-created.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-two-fields-signed-twice.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/separate-annots-kids-indir.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test.pdf", 3, RFD_CHANGE_LTA, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test-2.pdf", 3, RFD_CHANGE_LTA, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test-2.pdf", 5, RFD_CHANGE_FORM, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test-2.pdf", 6, RFD_CHANGE_LTA, NULL},
    {"attacks/shadow-replace/4_original-document-shadowed-signed-manipulated.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"attacks/shadow-hide/4_original-document-shadowed-signed-manipulated_v1.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"attacks/shadow-hide/4_original-document-shadowed-signed-manipulated_v2.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"attacks/shadow-hide-and-replace/4_original-document-shadowed-signed-manipulated.pdf", 0, RFD_CHANGE_OTHER,
     "SHADOW"},
};

static bool has_family(const struct difference *d, const char *family)
{
    for (size_t i = 0; family != NULL && i < d->count; i++) {
        if (d->changes[i].level == RFD_CHANGE_OTHER && strcmp(rfd_finding_family(d->changes[i].code), family) == 0)
            return true;
    }
    return family == NULL;
}

static void test_corpus(void **state)
{
    (void)state;
    bool good = true;
    if (support_corpora() == NULL) skip();
    for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++) {
        struct support_document d;
        struct difference_context *c;
        const struct difference *found;
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", support_corpora(), corpus[i].path);
        support_init(&d);
        support_read(path, &d.bytes);
        if (support_open(&d, "", false) != RFD_OK) fail_msg("%s: %s", path, d.error.detail);
        found = between(&d, &c);
        if (corpus[i].revision > 0) assert_int_equal(difference_between(c, corpus[i].revision, &found, NULL), RFD_OK);
        if (found->level != corpus[i].level || !has_family(found, corpus[i].family)) {
            explain(corpus[i].path, found);
            good = false;
        }
        difference_close(c);
        support_close(&d);
    }
    assert_true(good);
}

/** Whatever the file, every pair of its revisions gets an answer. */
static void walk_file(const char *path, void *context)
{
    struct support_document d;
    struct difference_context *c;
    (void)context;
    support_init(&d);
    support_read(path, &d.bytes);
    if (support_open(&d, "", false) == RFD_OK) {
        assert_int_equal(difference_open(d.doc, &c, NULL), RFD_OK);
        for (size_t r = pdf_revision_count(d.doc) - 1; r > 0; r--) {
            const struct difference *found;
            assert_int_equal(difference_between(c, r, &found, &d.error), RFD_OK);
        }
        difference_close(c);
    }
    support_close(&d);
}

static void test_all_files(void **state)
{
    (void)state;
    if (support_each_pdf("", walk_file, NULL) == 0) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_security_store_never_shrinks),
        cmocka_unit_test(test_element_goes_with_its_annotation),
        cmocka_unit_test(test_raw_updates),
        cmocka_unit_test(test_entry_into_signed_bytes),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_permitted),
        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_all_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
