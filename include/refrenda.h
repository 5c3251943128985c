#include <refrenda/base.h>
